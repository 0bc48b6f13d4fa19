package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.memory.Memory;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** P1 where frames are divided, shared, merged and renamed: marks are compared with the bytes of all frames. */
class MarkedPagesTest {

    private static final int FRAMES = 170;
    private static final int VALUE_BYTES = 1200;
    private static final int NODES = 256;
    private static final int ROUNDS = 60;

    private final Random random = new Random(41);
    private final Map<Integer, byte[]> before = new HashMap<>();

    /** The root frame gets a node for each of the first bytes, several pages of them, whose edges lead to children. */
    private byte[] key() {
        return new byte[] {(byte) random.nextInt(NODES), (byte) random.nextInt(24), (byte) random.nextInt(24)};
    }

    private void change(TreeRig rig) {
        byte[] key = key();
        int kind = random.nextInt(100);
        if (kind < 70) {
            byte[] value = new byte[random.nextInt(2) * VALUE_BYTES];
            random.nextBytes(value);
            rig.put(key, value);
        } else if (kind < 97) {
            rig.delete(key);
        } else if (kind < 98) {
            rig.deletePrefix(Arrays.copyOf(key, 2));
        } else {
            rig.writer.rename(key, key(), true, 0);
        }
    }

    private static byte[] bytes(long frame) {
        byte[] bytes = new byte[FrameHeader.FRAME_BYTES];
        Memory.copyToArray(frame, bytes, 0, bytes.length);
        return bytes;
    }

    private static boolean isUsed(byte[] frame, int page) {
        int innerEnd = readInt(frame, FrameHeader.INNER_END_OFFSET);
        int leafStart = readInt(frame, FrameHeader.LEAF_START_OFFSET);
        return page * FrameHeader.PAGE_BYTES < innerEnd || (page + 1) * FrameHeader.PAGE_BYTES > leafStart;
    }

    private static int readInt(byte[] frame, int offset) {
        return (frame[offset] & 0xFF)
                | (frame[offset + 1] & 0xFF) << 8
                | (frame[offset + 2] & 0xFF) << 16
                | (frame[offset + 3] & 0xFF) << 24;
    }

    /** Compares all frames with those of the epoch's end; answers how many pages changed and were not the only ones. */
    private int compare(TreeRig rig, long since) {
        int spared = 0;
        BitSet blobs = rig.buffers.blobIds();
        before.keySet().removeIf(blobId -> !blobs.get(blobId));
        for (int blobId = blobs.nextSetBit(0); blobId >= 0; blobId = blobs.nextSetBit(blobId + 1)) {
            long frame = rig.buffers.residentAddress(blobId);
            byte[] now = bytes(frame);
            byte[] then = before.put(blobId, now);
            if (FrameHeader.epoch(frame) <= since) {
                continue;
            }
            BitSet marked = PageEpochs.changedSince(frame, since);
            for (int page = 1; page < FrameHeader.PAGES; page++) {
                int from = page * FrameHeader.PAGE_BYTES;
                int end = from + FrameHeader.PAGE_BYTES;
                boolean same = then != null && isUsed(then, page) && Arrays.equals(now, from, end, then, from, end);
                if (isUsed(now, page) && !same) {
                    assertThat(marked.get(page))
                            .as("page %d of blob %d", page, blobId)
                            .isTrue();
                }
                spared += marked.get(page) ? 0 : 1;
            }
        }
        return spared;
    }

    @Test
    void everyPageThatChangedIsMarkedWhereverFramesGo() {
        try (TreeRig rig = new TreeRig(FRAMES)) {
            for (int i = 0; i < 24_000; i++) {
                rig.put(key(), new byte[VALUE_BYTES]);
            }
            long root = rig.buffers.residentAddress(rig.tree.rootBlobId());
            assertThat(FrameHeader.innerEndPage(root)).as("pages of nodes").isGreaterThan(2);
            int spared = 0;
            long since = 0;
            for (int round = 0; round < ROUNDS; round++) {
                rig.core.drop().drain();
                spared += compare(rig, since);
                var ended = rig.snapshot();
                since = ended.epoch();
                rig.snapshots.close(ended);
                int changes = 1 + random.nextInt(round % 2 == 0 ? 20 : 600);
                for (int i = 0; i < changes; i++) {
                    change(rig);
                }
            }
            assertThat(spared).isPositive();
            assertThat(rig.stats().splits() + rig.stats().merges()).isPositive();
        }
    }

    /**
     * Few records a round, and nodes on several pages: the page of the root node of a frame that is divided where it is
     * seldom had another change.
     */
    @Test
    void pagesOfFramesThatAreAppendedToAreMarked() {
        try (TreeRig rig = new TreeRig(FRAMES)) {
            long since = 0;
            for (int number = 0; number < 6000; number++) {
                byte[] value = new byte[500];
                random.nextBytes(value);
                rig.put(new byte[] {(byte) (number >>> 6), (byte) (number >>> 2 & 0xF), (byte) (number & 3)}, value);
                if (number % 8 == 0) {
                    compare(rig, since);
                    var ended = rig.snapshot();
                    since = ended.epoch();
                    rig.snapshots.close(ended);
                }
            }
            assertThat(rig.stats().splits()).isGreaterThan(4);
        }
    }
}
