package io.holt.internal.engine;

import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.MemoryBudgetException;
import io.holt.api.Snapshot;
import io.holt.testkit.SimulatedDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random changes, checkpoints and snapshots on one open database, until they are done or something fails. */
final class CrashProgram {

    private static final String[] TREES = {"left", "right"};

    private record Pinned(Snapshot snapshot, CrashState expected) {}

    private final Random random;
    private final CrashHistory history;
    private final HoltDb db;
    private final List<Pinned> snapshots = new ArrayList<>();

    CrashProgram(Random random, CrashHistory history, HoltDb db) {
        this.random = random;
        this.history = history;
        this.db = db;
    }

    /** Runs so many steps; answers false if the database refuses writes since. */
    boolean run(int steps) {
        for (int step = 0; step < steps; step++) {
            if (!runStep()) {
                return false;
            }
        }
        snapshots.forEach(this::compare);
        snapshots.clear();
        return true;
    }

    private boolean runStep() {
        switch (random.nextInt(14)) {
            case 0 -> {
                return checkpoint();
            }
            case 1 -> snapshots.add(new Pinned(db.snapshot(), history.newest()));
            case 2 -> {
                if (!snapshots.isEmpty()) {
                    compare(snapshots.remove(random.nextInt(snapshots.size())));
                }
            }
            default -> {
                return change(randomChange());
            }
        }
        return true;
    }

    private boolean checkpoint() {
        history.checkpointBegins();
        try {
            if (random.nextInt(4) == 0) {
                db.vacuum();
            } else {
                db.checkpoint();
            }
            history.checkpointEnds();
            return true;
        } catch (HoltIoException e) {
            if (e.isOutOfSpace() && e.getMessage().contains("writing goes on")) {
                history.checkpointFails();
                return true;
            }
            refuses();
            return false;
        } catch (MemoryBudgetException e) {
            history.checkpointFails();
            return true;
        }
    }

    /** A tree that is made by its first use is a change of its own. */
    private boolean change(CrashChange change) {
        List<CrashChange> parts = change instanceof CrashChange.Batch batch ? batch.changes() : List.of(change);
        for (CrashChange part : parts) {
            if (!history.newest().hasTree(part.tree()) && !apply(new CrashChange.Create(part.tree()))) {
                return false;
            }
        }
        // Without room for a tree there is nothing to change.
        boolean all = parts.stream().allMatch(part -> history.newest().hasTree(part.tree()));
        return !all || apply(change);
    }

    private boolean apply(CrashChange change) {
        history.begins(change);
        try {
            change.applyTo(db);
            history.ends();
            return true;
        } catch (MemoryBudgetException e) {
            history.changedNothing();
            return true;
        } catch (HoltIoException e) {
            refuses();
            return false;
        }
    }

    /** Reads go on, and nothing is written any more. */
    private void refuses() {
        for (Pinned pinned : snapshots) {
            pinned.snapshot().close();
        }
        snapshots.clear();
    }

    private void compare(Pinned pinned) {
        try (Snapshot snapshot = pinned.snapshot()) {
            CrashState found = CrashState.of(snapshot);
            if (!found.equals(pinned.expected())) {
                throw new AssertionError("a snapshot changed");
            }
        } catch (HoltIoException e) {
            // A disk that is dying does not give its frames any more.
            return;
        }
    }

    private CrashChange randomChange() {
        if (random.nextInt(6) > 0) {
            return randomChange(20);
        }
        List<CrashChange> changes = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            CrashChange change = randomChange(20);
            if (!(change instanceof CrashChange.Drop)) {
                changes.add(change);
            }
        }
        return changes.isEmpty() ? randomChange(3) : new CrashChange.Batch(changes);
    }

    private CrashChange randomChange(int kinds) {
        String tree = TREES[random.nextInt(TREES.length)];
        String key = "" + (char) ('a' + random.nextInt(3)) + "/" + random.nextInt(random.nextBoolean() ? 4 : 30);
        return switch (random.nextInt(kinds)) {
            case 0, 1, 2 -> new CrashChange.Delete(tree, key);
            case 3 -> new CrashChange.DeletePrefix(tree, key.substring(0, random.nextInt(3)));
            case 4 -> random.nextInt(3) == 0 ? new CrashChange.Drop(tree) : new CrashChange.Delete(tree, key);
            default -> new CrashChange.Put(tree, key, valueBytes(), (byte) random.nextInt());
        };
    }

    private int valueBytes() {
        return switch (random.nextInt(20)) {
            case 0 -> 65_537 + random.nextInt(500_000);
            case 1, 2, 3 -> 20_000 + random.nextInt(45_000);
            case 4, 5, 6, 7 -> random.nextInt(6000);
            default -> random.nextInt(40);
        };
    }

    /** What may be lost: opened by a power cut or by the death of the process. */
    static SimulatedDisk next(SimulatedDisk disk, boolean powerLoss, Random random) {
        return powerLoss ? disk.afterPowerLoss(random) : disk.afterProcessDeath();
    }

    static Durability durability(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Durability.NONE;
            case 1 -> Durability.ASYNC;
            default -> Durability.SYNC;
        };
    }
}
