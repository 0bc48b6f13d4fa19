package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.BatchConflictException;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.WriteBatch;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Guards hold until their batch is done: no write skew. Two threads share a rule, "never both records are out"; each
 * takes its own record out by a batch whose guard is about the other's record only. If a guard were checked and its
 * frame not latched until the batch is done, both could pass.
 *
 * <p>A. Fekete, D. Liarokapis, E. O'Neil, P. O'Neil, D. Shasha, "Making Snapshot Isolation Serializable", ACM TODS
 * 30(2), 2005, has the anomaly.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteSkewTest {

    /** What each side does at least; on one processor they meet only when one is put aside. */
    private static final int COMMITS_MIN = 40_000;

    private static final int CONFLICTS_MIN = 100;

    /** More than a batch may have that is applied in place. */
    private static final int LARGE_BATCH = 80;

    private static final byte[] IN = {1};
    private static final byte[] OUT = {0};

    /** Where the two records are, and how the second one's batch is applied. */
    enum Shape {
        TWO_TREES,
        ONE_TREE_FAR_APART,
        ONE_FRAME,
        ONE_BATCH_IS_LARGE
    }

    /** The record is out while it is there; the guard is that the other one is absent. */
    @ParameterizedTest
    @EnumSource(Shape.class)
    void absence(Shape shape) throws Exception {
        race(shape, new Rule() {
            @Override
            public void bringIn(Place place) {
                place.tree.delete(place.key);
            }

            @Override
            public boolean isOut(Place place) {
                return place.tree.containsKey(place.key);
            }

            @Override
            public WriteBatch takeOut(WriteBatch batch, Place own, Place other) {
                return batch.assertAbsent(other.tree, other.key).put(own.tree, own.key, OUT);
            }
        });
    }

    /** Both records are always there and say themselves where they are; the guard is the other one's version. */
    @ParameterizedTest
    @EnumSource(Shape.class)
    void version(Shape shape) throws Exception {
        race(shape, new Rule() {
            @Override
            public void bringIn(Place place) {
                place.tree.putVersioned(place.key, IN);
            }

            @Override
            public boolean isOut(Place place) {
                return place.tree.get(place.key)[0] == OUT[0];
            }

            @Override
            public WriteBatch takeOut(WriteBatch batch, Place own, Place other) {
                // The version first: what is read after it is of this version, or the guard will fail.
                long version = other.tree.version(other.key);
                if (isOut(other)) {
                    return null;
                }
                return batch.assertVersion(other.tree, other.key, version).putVersioned(own.tree, own.key, OUT);
            }
        });
    }

    /** Where a record is. */
    private static final class Place {
        private final HoltTree tree;
        private final byte[] key;

        Place(HoltTree tree, byte[] key) {
            this.tree = tree;
            this.key = key;
        }
    }

    /** How a record is taken out and brought in again. */
    private interface Rule {
        void bringIn(Place place);

        boolean isOut(Place place);

        /** Adds to a batch what takes the own record out; null if the other one is out. */
        WriteBatch takeOut(WriteBatch batch, Place own, Place other);
    }

    private static void race(Shape shape, Rule rule) throws Exception {
        HoltOptions options = HoltOptions.builder().memoryBytes(64L << 20).build();
        try (HoltDb db = Holt.inMemory(options);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            HoltTree tree = db.tree("a");
            for (int i = 0; i < 20_000; i++) {
                tree.put(key(i), new byte[100]);
            }
            assertThat(tree.stats().frames())
                    .as("records far apart are in two frames")
                    .isGreaterThan(4);
            boolean twoTrees = shape == Shape.TWO_TREES || shape == Shape.ONE_BATCH_IS_LARGE;
            boolean oneFrame = shape == Shape.ONE_FRAME;
            Place left = new Place(tree, bytes("record-00001-left"));
            Place right = twoTrees
                    ? new Place(db.tree("b"), bytes("right"))
                    : new Place(tree, bytes(oneFrame ? "record-00001-right" : "record-19998-right"));
            rule.bringIn(left);
            rule.bringIn(right);
            assertThat(rule.isOut(left) || rule.isOut(right)).isFalse();

            Race race = new Race(db, rule);
            Future<?> one = threads.submit(() -> race.run(left, right, 0));
            Future<?> two =
                    threads.submit(() -> race.run(right, left, shape == Shape.ONE_BATCH_IS_LARGE ? LARGE_BATCH : 0));
            one.get();
            two.get();
            assertThat(race.skews).as("times that both records were out").hasValue(0);
            assertThat(race.conflicts.get()).as("guards that failed").isGreaterThanOrEqualTo(CONFLICTS_MIN);
        }
    }

    /** What both sides do until they met often enough, or one of them saw the rule broken. */
    private static final class Race {
        final AtomicLong skews = new AtomicLong();
        final AtomicLong conflicts = new AtomicLong();
        private final AtomicLong finished = new AtomicLong();
        private final AtomicBoolean failed = new AtomicBoolean();
        private final HoltDb db;
        private final Rule rule;

        Race(HoltDb db, Rule rule) {
            this.db = db;
            this.rule = rule;
        }

        @SuppressWarnings("ThreadPriorityCheck")
        Object run(Place own, Place other, int filler) {
            boolean done = false;
            try {
                // The one that is ready first goes on, so that the other one does not run alone.
                for (int commits = 0; finished.get() < 2 && !failed.get(); ) {
                    commits += round(own, other, filler) ? 1 : 0;
                    if (commits % 16 == 0) {
                        Thread.yield();
                    }
                    if (!done && commits >= COMMITS_MIN / (filler == 0 ? 1 : 20) && conflicts.get() >= CONFLICTS_MIN) {
                        done = true;
                        finished.incrementAndGet();
                    }
                }
            } catch (RuntimeException | Error e) {
                failed.set(true);
                throw e;
            }
            return null;
        }

        /** Takes the own record out, looks whether the other one is out as well, and brings the own one in again. */
        @SuppressWarnings("ThreadPriorityCheck")
        private boolean round(Place own, Place other, int filler) {
            WriteBatch batch = rule.takeOut(db.newBatch(), own, other);
            if (batch == null) {
                conflicts.incrementAndGet();
                return false;
            }
            for (int i = 0; i < filler; i++) {
                batch.put(own.tree, bytes("filler-" + i), IN);
            }
            try {
                batch.commit();
            } catch (BatchConflictException e) {
                conflicts.incrementAndGet();
                return false;
            }
            boolean skew = false;
            for (int look = 0; look < 3; look++) {
                skew |= rule.isOut(other);
                if (look == 1 && conflicts.get() < CONFLICTS_MIN) {
                    Thread.yield();
                }
            }
            if (skew) {
                skews.incrementAndGet();
                failed.set(true);
            }
            rule.bringIn(own);
            return true;
        }
    }

    private static byte[] key(int i) {
        return bytes("record-%05d".formatted(i));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
