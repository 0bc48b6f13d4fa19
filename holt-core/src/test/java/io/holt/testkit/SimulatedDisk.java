package io.holt.testkit;

import io.holt.api.HoltIoException;
import io.holt.internal.io.IoEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A disk in memory that can lose power. It keeps what a process sees and what is durable apart: what was written and
 * not synced may be lost or kept sector by sector, and so may changes of names, in any order. The same calls and seeds
 * give the same outcome.
 */
public final class SimulatedDisk {

    /** What a device writes whole or not at all. */
    private static final int[] SECTOR_BYTES = {512, 4096};

    /** A call on the disk that a fault may be told of. */
    public enum Call {
        WRITE,
        READ,
        SYNC,
        RESIZE,
        NAME,
        DIRECTORY_SYNC
    }

    /** Decides what becomes of a call. */
    public interface Fault {
        /**
         * Returns normally to let the call through, or throws what it fails with.
         *
         * @param number of the call among all calls since the disk was made
         */
        void before(Call call, Path path, long number);
    }

    /** The process is gone: thrown by every call from the crash on. */
    public static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** Whether the call was under way when it happened. */
        final boolean under;

        Crash(boolean under) {
            super("the simulated machine has no power", null, false, false);
            this.under = under;
        }
    }

    /** A file takes a name, and loses another one: no old name for a new file, no new name for a deleted one. */
    private record Renaming(Path from, Path to, SimulatedNode node) {
        void applyTo(Map<Path, SimulatedNode> target) {
            if (from != null) {
                target.remove(from);
            }
            if (to != null) {
                target.put(to, node);
            }
        }
    }

    final Map<Path, SimulatedNode> names = new TreeMap<>();
    final Set<Path> directories = new HashSet<>();
    boolean readOnly;
    final Map<Path, Integer> locks = new HashMap<>();
    private final Map<Path, SimulatedNode> durableNames = new TreeMap<>();

    /** Changes of names since the last directory sync, in order. */
    private final List<Renaming> pendingNames = new ArrayList<>();

    private Fault fault = (call, path, number) -> {};
    private long calls;
    private long syncs;
    private long writes;
    private boolean crashed;

    public IoEngine engine() {
        return new SimulatedEngine(this);
    }

    /** From now on its directories say that they can't be written. */
    public synchronized void readOnly() {
        readOnly = true;
    }

    public synchronized void fault(Fault next) {
        fault = next;
    }

    /** Lets the n-th call from now, and all after it, throw {@link Crash}; 0 is the next. */
    public synchronized void crashAfter(long n) {
        long last = calls + n;
        fault((call, path, number) -> {
            if (number >= last) {
                crashed = true;
                throw new Crash(true);
            }
        });
    }

    /** Lets the n-th call of a kind from now fail, once. */
    public synchronized void failOnce(Call kind, int n, String message) {
        int[] left = {n};
        fault((call, path, number) -> {
            if (call == kind && left[0]-- == 0) {
                throw new HoltIoException(message);
            }
        });
    }

    public synchronized boolean crashed() {
        return crashed;
    }

    /** Calls so far. */
    public synchronized long calls() {
        return calls;
    }

    /** Calls so far that change something. */
    public synchronized long writes() {
        return writes;
    }

    /** Syncs of files so far. */
    public synchronized long syncs() {
        return syncs;
    }

    synchronized void on(Call call, Path path) {
        long number = calls++;
        if (crashed) {
            throw new Crash(false);
        }
        fault.before(call, path, number);
        if (call == Call.SYNC) {
            syncs++;
        }
        if (call != Call.READ) {
            writes++;
        }
    }

    synchronized void create(Path path, SimulatedNode node) {
        names.put(path, node);
        pendingNames.add(new Renaming(null, path, node));
    }

    synchronized void delete(Path path) {
        names.remove(path);
        pendingNames.add(new Renaming(path, null, null));
    }

    /** One change: after a power loss the file has the old name or the new one. */
    synchronized void rename(Path from, Path to, SimulatedNode node) {
        names.remove(from);
        names.put(to, node);
        pendingNames.add(new Renaming(from, to, node));
    }

    synchronized void syncNames() {
        applyNames(durableNames, pendingNames.size());
        pendingNames.clear();
    }

    /**
     * Changes of names were made durable up to one of them, as by a journal; or some of them were, and others not: no
     * more is promised.
     */
    private void applySomeNames(Map<Path, SimulatedNode> target, Random random) {
        if (random.nextBoolean()) {
            applyNames(target, random.nextInt(pendingNames.size() + 1));
            return;
        }
        for (Renaming change : pendingNames) {
            if (random.nextBoolean()) {
                change.applyTo(target);
            }
        }
    }

    private void applyNames(Map<Path, SimulatedNode> target, int count) {
        pendingNames.subList(0, count).forEach(change -> change.applyTo(target));
    }

    /** The disk as it may be found after the power was lost now. */
    public synchronized SimulatedDisk afterPowerLoss(Random random) {
        Map<Path, SimulatedNode> found = new TreeMap<>(durableNames);
        applySomeNames(found, random);
        int sectorBytes = SECTOR_BYTES[random.nextInt(SECTOR_BYTES.length)];
        return with(found, node -> node.afterPowerLoss(random, sectorBytes));
    }

    /** The disk as it is found after the process died now, and the machine did not. */
    public synchronized SimulatedDisk afterProcessDeath() {
        Map<SimulatedNode, SimulatedNode> copies = new HashMap<>();
        SimulatedDisk next = with(names, node -> copies.computeIfAbsent(node, SimulatedNode::afterProcessDeath));
        next.durableNames.clear();
        durableNames.forEach((path, node) ->
                next.durableNames.put(path, copies.computeIfAbsent(node, SimulatedNode::afterProcessDeath)));
        for (Renaming change : pendingNames) {
            SimulatedNode copy =
                    change.node == null ? null : copies.computeIfAbsent(change.node, SimulatedNode::afterProcessDeath);
            next.pendingNames.add(new Renaming(change.from, change.to, copy));
        }
        return next;
    }

    private SimulatedDisk with(Map<Path, SimulatedNode> found, UnaryOperator<SimulatedNode> becomes) {
        SimulatedDisk next = new SimulatedDisk();
        next.directories.addAll(directories);
        found.forEach((path, node) -> next.names.put(path, becomes.apply(node)));
        next.durableNames.putAll(next.names);
        return next;
    }

    /** Flips bits of a byte of a file. */
    public synchronized void flip(Path path, int offset, int mask) {
        names.get(path).flip(offset, mask);
    }

    /** Names of all files there are. */
    public synchronized List<Path> files() {
        return List.copyOf(names.keySet());
    }

    /** Offsets of the pages of 4 KiB of a file that were ever written. */
    public synchronized List<Integer> writtenPages(Path path) {
        return names.get(path).writtenPages();
    }

    /** What a process reads in a file now. */
    public synchronized byte[] content(Path path) {
        return names.get(path).content();
    }

    /** Makes a file of these bytes, durable. */
    public synchronized void put(Path path, byte[] content) {
        SimulatedNode node = new SimulatedNode(content);
        names.put(path, node);
        durableNames.put(path, node);
    }
}
