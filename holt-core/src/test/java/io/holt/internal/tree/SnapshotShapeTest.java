package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.snapshot.SnapshotHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
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

    /**
     * The upper frame is full to the last byte when a directory's frame is to be divided below it, so it is divided
     * itself: its first change since the snapshot, with no record of its own that changed.
     */
    @Test
    void anUpperFrameThatIsDividedToMakeRoomIsKept() {
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        try (TreeRig rig = new TreeRig(100)) {
            for (int file = 1; file < KEYS_A_DIRECTORY; file++) {
                for (int directory = 0; directory < 9; directory++) {
                    put(rig, model, key(directory * KEYS_A_DIRECTORY + file), 20_000);
                }
            }
            for (int directory = 0; directory < 8; directory++) {
                put(rig, model, key(directory * KEYS_A_DIRECTORY), 62_000);
            }
            byte[] last = key(8 * KEYS_A_DIRECTORY);
            int room = FrameHeader.gapBytes(root(rig));
            put(rig, model, last, room - Leaf.LONG_HEADER_BYTES - last.length);
            assertThat(FrameHeader.gapBytes(root(rig))).isZero();

            long before = root(rig);
            for (int file = 0; root(rig) == before; file++) {
                assertThat(file).as("files in one directory").isLessThan(100);
                Frozen frozen = new Frozen(rig.snapshot(), new TreeMap<>(model));
                put(rig, model, ("dir/Aa-0-" + file).getBytes(StandardCharsets.US_ASCII), 20_000);
                if (root(rig) != before) {
                    // Whatever is given back too early is taken for something else.
                    put(rig, model, "large".getBytes(StandardCharsets.US_ASCII), 2_000_000);
                }
                compare(rig, frozen);
            }
            rig.assertHolds(model, null);
            rig.audit();
        }
    }

    private static long root(TreeRig rig) {
        return rig.buffers.residentAddress(rig.tree.rootBlobId());
    }

    private static void put(TreeRig rig, NavigableMap<byte[], byte[]> model, byte[] key, int valueBytes) {
        byte[] value = new byte[valueBytes];
        Arrays.fill(value, (byte) model.size());
        rig.put(key, value);
        model.put(key, value);
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
