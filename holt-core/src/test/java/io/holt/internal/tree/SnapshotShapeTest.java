package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.snapshot.SnapshotHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * I5 while frames divide, join and give edges to each other: with a snapshot every few operations most frames that a
 * change of shape replaces or frees had no other change since, so that it alone must keep them. Slots that were given
 * back too early are soon another frame's.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SnapshotShapeTest {

    private static final int KEYS = 400;
    private static final int KEYS_A_DIRECTORY = 40;
    private static final int STEPS = 3600;
    private static final int STEPS_A_PHASE = 300;

    private record Frozen(SnapshotHandle handle, NavigableMap<byte[], byte[]> model) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void snapshotsStayAsTheyWere(long seed) {
        Random random = new Random(seed);
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        Deque<Frozen> frozen = new ArrayDeque<>();
        try (TreeRig rig = new TreeRig(200)) {
            int center = 0;
            for (int step = 0; step < STEPS; step++) {
                int phase = step / STEPS_A_PHASE;
                if (step % 40 == 0) {
                    center = random.nextInt(KEYS);
                }
                // In one place for a while; in every third phase anywhere.
                int number = phase % 3 == 2 ? random.nextInt(KEYS) : (center + random.nextInt(60)) % KEYS;
                byte[] key = key(number);
                if (random.nextInt(100) < (phase % 2 == 0 ? 92 : 12)) {
                    byte[] value = new byte[random.nextInt(number % KEYS_A_DIRECTORY == 0 ? 62_000 : 24_000)];
                    random.nextBytes(value);
                    rig.put(key, value);
                    model.put(key, value);
                } else {
                    assertThat(rig.delete(key)).isEqualTo(model.remove(key) != null);
                }
                if (step % 5 == 0) {
                    frozen.add(new Frozen(rig.snapshot(), new TreeMap<>(model)));
                }
                if (frozen.size() > 3) {
                    compare(rig, frozen.remove());
                }
                if (step % 10 == 0) {
                    rig.audit();
                }
            }
            while (!frozen.isEmpty()) {
                compare(rig, frozen.remove());
            }
            assertThat(rig.snapshots.preImageCount()).isZero();
            rig.assertHolds(model, null);
            rig.audit();
            assertThat(rig.stats().splits()).isGreaterThan(5);
            assertThat(rig.stats().merges()).isGreaterThan(5);
        }
    }

    private static void compare(TreeRig rig, Frozen frozen) {
        rig.assertHolds(frozen.model, frozen.handle);
        rig.core.closeSnapshot(frozen.handle);
    }

    /** Directories with a record of their own, which is in the upper frame once the directory has a frame. */
    private static byte[] key(int number) {
        String directory = "dir/" + (char) ('A' + number / KEYS_A_DIRECTORY);
        int file = number % KEYS_A_DIRECTORY;
        String key = file == 0 ? directory : directory + (char) ('a' + file % 26) + "-" + number;
        return key.getBytes(StandardCharsets.US_ASCII);
    }
}
