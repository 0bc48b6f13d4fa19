package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Crc32c;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.sync.HybridLatch;
import io.holt.internal.wal.BatchRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * I1: whatever an operation changed in a slot left a greater version there. Looked at between operations of one
 * thread, in all slots of the pool, so that no kind of change is left out: of records, of shape, by batches.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LatchDisciplineTest {

    private static final int SLOTS = 32;
    private static final int KEYS = 500;
    private static final int STEPS = 2500;
    private static final byte[] NOTHING = {};

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyChangeLeavesAGreaterVersionBehind(long seed) {
        Random random = new Random(seed);
        try (TreeRig rig = new TreeRig(SLOTS)) {
            Slots slots = new Slots(rig);
            SnapshotHandle handle = rig.snapshot();
            for (int step = 0; step < STEPS; step++) {
                // Growth and loss in turn, so that frames are divided and merged.
                boolean growing = step / 400 % 2 == 0;
                String what = step(rig, random, growing);
                if (step % 250 == 249) {
                    rig.core.closeSnapshot(handle);
                    handle = rig.snapshot();
                }
                rig.core.drop().drain();
                slots.check(what);
            }
            assertThat(rig.stats().splits()).isGreaterThan(3);
            assertThat(rig.stats().merges()).isGreaterThan(3);
            assertThat(rig.stats().compactions()).isPositive();
        }
    }

    /** One operation; answers its name. */
    private static String step(TreeRig rig, Random random, boolean growing) {
        byte[] key = key(random);
        int kind = random.nextInt(100);
        if (kind < 6) {
            boolean large = kind < 2;
            BatchRecord batch = new BatchRecord();
            for (int i = 0; i < (large ? 80 : 5); i++) {
                boolean delete = random.nextInt(3) == 0;
                byte[] value = delete ? NOTHING : value(random, large ? 300 : 4000);
                byte[] each = key(random);
                int type = delete ? BatchRecord.DELETE : BatchRecord.PUT;
                batch.add(type, false, rig.tree.treeId(), each, 0, each.length, value, 0, value.length);
            }
            new BatchPath(rig.core, Map.of(rig.tree.treeId(), rig.tree)).apply(batch, List.of());
            return large ? "a large batch" : "a small batch";
        }
        if (kind < 10) {
            rig.writer.rename(key, key(random), true, 0);
            return "a rename";
        }
        if (kind < 12 && !growing) {
            rig.deletePrefix(Arrays.copyOf(key, 9));
            return "a deletion by prefix";
        }
        if (kind < (growing ? 80 : 20)) {
            rig.put(key, value(random, 20_000));
            return "a put";
        }
        rig.delete(key);
        return "a deletion";
    }

    private static byte[] key(Random random) {
        int i = random.nextInt(KEYS);
        return "dir-%d/sub-%02d/file-%04d".formatted(i % 7, i / 7 % 23, i).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] value(Random random, int bytesMax) {
        byte[] value = new byte[random.nextInt(bytesMax)];
        random.nextBytes(value);
        return value;
    }

    /** Of each slot the last version that a reader could take, and a checksum of all but the latch then. */
    private static final class Slots {
        private final TreeRig rig;
        private final long[] versions = new long[SLOTS];
        private final int[] sums = new int[SLOTS];

        Slots(TreeRig rig) {
            this.rig = rig;
            check("opening");
        }

        private int sum(int slot) {
            int latchBytes = Long.BYTES;
            return Crc32c.of(rig.pool.address(slot) + latchBytes, FrameHeader.FRAME_BYTES - latchBytes);
        }

        void check(String operation) {
            for (int slot = 0; slot < SLOTS; slot++) {
                long word = HybridLatch.tryReadVersion(rig.pool.address(slot));
                if (HybridLatch.isHeld(word)) {
                    // Nobody's: no reader takes what is there for a frame, until it has a version again.
                    continue;
                }
                int sum = sum(slot);
                if (sum != sums[slot] && versions[slot] != 0) {
                    assertThat(word)
                            .as("version of slot %d, which %s changed", slot, operation)
                            .isGreaterThan(versions[slot]);
                }
                versions[slot] = word;
                sums[slot] = sum;
            }
        }
    }
}
