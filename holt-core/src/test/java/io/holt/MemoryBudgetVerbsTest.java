package io.holt;

import static io.holt.TwoTrees.assertSame;
import static io.holt.TwoTrees.bytes;
import static io.holt.TwoTrees.key;
import static io.holt.TwoTrees.put;
import static io.holt.TwoTrees.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.MemoryBudget;
import io.holt.api.MemoryBudgetException;
import io.holt.api.RenameResult;
import io.holt.api.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each verb meets a full budget (I7): a typed error, and not a record of any tree is another one, in the present or in
 * a snapshot. When there is room again, the same call does what it says.
 */
class MemoryBudgetVerbsTest {

    private static final int FRAMES = 32;
    private static final int RECORDS = 1200;

    private final MemoryBudget budget = Holt.memory((long) FRAMES * MemoryBudget.FRAME_BYTES);
    private final HoltOptions options = HoltOptions.builder().memory(budget).build();
    private final TwoTrees trees = new TwoTrees(Holt.inMemory(options));

    @BeforeEach
    void fillTheTrees() {
        for (int i = 0; i < RECORDS; i++) {
            put(trees.a(), trees.modelA(), key(i), value(i, 2000));
            put(trees.b(), trees.modelB(), key(i), value(-i, 1000));
        }
        trees.a().putVersioned(bytes("versioned"), value(1, 10));
        trees.modelA().put("versioned", value(1, 10));
        put(trees.a(), trees.modelA(), "large", value(2, 700_000));
    }

    @AfterEach
    void everyFrameComesBack() {
        trees.db.close();
        assertThat(budget.usedBytes()).isZero();
        budget.close();
    }

    static List<String> verbs() {
        return List.copyOf(TreeVerb.all(RECORDS).keySet());
    }

    /** A snapshot sees every frame, so whatever is changed takes a frame to keep it as it was, and there is none. */
    @ParameterizedTest
    @MethodSource("verbs")
    void aFullBudgetChangesNothing(String name) {
        TreeVerb verb = TreeVerb.all(RECORDS).get(name);
        List<Map<String, byte[]>> before = trees.copyOfModel();
        HoltDb filler = Holt.inMemory(options);
        try (Snapshot snapshot = trees.db.snapshot()) {
            fill(filler.tree("filler"));
            long used = budget.usedBytes();
            for (int times = 0; times < 2; times++) {
                assertThatThrownBy(() -> verb.call().accept(trees))
                        .isInstanceOf(MemoryBudgetException.class)
                        .hasMessageContaining(String.valueOf(budget.capacityBytes()));
                trees.assertHold(before, "the present after the refusal");
                assertThat(budget.usedBytes()).isLessThanOrEqualTo(used);
            }
            filler.close();
            verb.call().accept(trees);
            verb.model().accept(trees);
            trees.assertHold(trees.model, "the present after the call");
            assertSame(snapshot.tree("a"), before.get(0), "the snapshot");
            assertSame(snapshot.tree("b"), before.get(1), "the snapshot");
        } finally {
            filler.close();
        }
        put(trees.a(), trees.modelA(), "after", value(4, 100));
        trees.assertHold(trees.model, "the present without a snapshot");
    }

    private static void fill(HoltTree filler) {
        for (int i = 0; ; i++) {
            try {
                filler.put(bytes("filler-" + i), new byte[500_000]);
            } catch (MemoryBudgetException e) {
                return;
            }
        }
    }

    /** Of several puts that are each for itself, those before the one that is refused are done, and no other. */
    @Test
    void ofManyPutsTheFirstOnesAreDone() {
        byte[] value = value(5, 60_000);
        byte[][] keys = new byte[FRAMES * 10][];
        byte[][] values = new byte[keys.length][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = bytes("many-" + i);
            values[i] = value;
        }
        assertThatThrownBy(() -> trees.a().putMany(keys, values, keys.length))
                .isInstanceOf(MemoryBudgetException.class);
        int done = 0;
        while (trees.a().containsKey(keys[done])) {
            trees.modelA().put("many-" + done, value);
            done++;
        }
        assertThat(done).isBetween(20, keys.length - 20);
        trees.assertHold(trees.model, "after putMany");
        trees.a().deletePrefix(bytes("many-"));
        trees.modelA().keySet().removeIf(key -> key.startsWith("many-"));
        trees.a().putMany(keys, values, 20);
        for (int i = 0; i < 20; i++) {
            trees.modelA().put("many-" + i, value);
        }
        trees.assertHold(trees.model, "after there was room again");
    }

    /** Verbs in any order, with as little room as there may be: each is done, or not at all. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void atTheLimitEachIsDoneOrNotDone(long seed) {
        Random random = new Random(seed);
        int refused = 0;
        List<Snapshot> snapshots = new ArrayList<>();
        List<List<Map<String, byte[]>>> frozen = new ArrayList<>();
        for (int step = 0; step < 1500; step++) {
            TreeVerb verb = randomVerb(random);
            try {
                verb.call().accept(trees);
                verb.model().accept(trees);
            } catch (MemoryBudgetException e) {
                refused++;
                if (refused % 20 == 1) {
                    trees.assertHold(trees.model, "step " + step);
                }
            }
            if (step % 100 == 99) {
                snapshots.add(trees.db.snapshot());
                frozen.add(trees.copyOfModel());
            }
            if (snapshots.size() > 2) {
                assertSame(snapshots.getFirst().tree("a"), frozen.getFirst().get(0), "a snapshot");
                assertSame(snapshots.getFirst().tree("b"), frozen.getFirst().get(1), "a snapshot");
                snapshots.removeFirst().close();
                frozen.removeFirst();
            }
        }
        trees.assertHold(trees.model, "at the end");
        snapshots.forEach(Snapshot::close);
        assertThat(refused).isPositive();
        trees.a().deletePrefix(new byte[0]);
        trees.modelA().clear();
        put(trees.b(), trees.modelB(), "after", value(6, 1 << 20));
        trees.assertHold(trees.model, "after there was room");
    }

    private TreeVerb randomVerb(Random random) {
        String from = key(random.nextInt(2 * RECORDS));
        String to = key(random.nextInt(2 * RECORDS));
        byte[] value = value(random.nextInt(), random.nextInt(5) == 0 ? 90_000 : random.nextInt(9000));
        boolean there = trees.modelA().containsKey(from);
        switch (random.nextInt(5)) {
            case 0 -> {
                RenameResult expected = there ? RenameResult.RENAMED : RenameResult.SOURCE_MISSING;
                return new TreeVerb(
                        t -> assertThat(t.a().rename(bytes(from), bytes(to), true))
                                .isEqualTo(expected),
                        t -> {
                            if (there) {
                                t.modelA().put(to, t.modelA().remove(from));
                            }
                        });
            }
            case 1 -> {
                return new TreeVerb(
                        t -> t.a().compareAndPut(bytes(from), t.a().version(bytes(from)), value),
                        t -> t.modelA().put(from, value));
            }
            case 2 -> {
                return new TreeVerb(
                        t -> t.a().putMany(new byte[][] {bytes(from)}, new byte[][] {there ? null : value}, 1), t -> {
                            if (there) {
                                t.modelA().remove(from);
                            } else {
                                t.modelA().put(from, value);
                            }
                        });
            }
            default -> {
                return randomBatch(random, value);
            }
        }
    }

    private static TreeVerb randomBatch(Random random, byte[] value) {
        boolean[] deletes = new boolean[random.nextInt(10) == 0 ? 100 : 6];
        String[] keys = new String[deletes.length];
        for (int i = 0; i < deletes.length; i++) {
            deletes[i] = random.nextInt(3) == 0;
            keys[i] = key(random.nextInt(2 * RECORDS));
        }
        byte[] each = Arrays.copyOf(value, Math.min(value.length, deletes.length > 6 ? 500 : value.length));
        return TreeVerb.batch(
                (t, batch) -> {
                    for (int i = 0; i < keys.length; i++) {
                        HoltTree tree = t.real[i % 2];
                        if (deletes[i]) {
                            batch.delete(tree, bytes(keys[i]));
                        } else {
                            batch.put(tree, bytes(keys[i]), each);
                        }
                    }
                },
                t -> {
                    for (int i = 0; i < keys.length; i++) {
                        if (deletes[i]) {
                            t.model.get(i % 2).remove(keys[i]);
                        } else {
                            t.model.get(i % 2).put(keys[i], each);
                        }
                    }
                });
    }
}
