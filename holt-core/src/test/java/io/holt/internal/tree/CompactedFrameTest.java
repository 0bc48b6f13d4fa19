package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.memory.Memory;
import io.holt.internal.snapshot.SnapshotHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compaction changes no record, but nearly every byte: of a frame that a snapshot sees, or an image had, too. */
public class CompactedFrameTest {

    private static final int CHILD_RECORDS = 660;
    private static final int OWN_RECORDS = 50;

    /** A root frame with little room and much that is dead, above one child frame. */
    public static TreeRig fragmented() {
        TreeRig rig = new TreeRig(40);
        for (int i = 0; i < OWN_RECORDS; i++) {
            rig.put(own(i), new byte[400]);
        }
        for (int i = 0; i < CHILD_RECORDS; i++) {
            rig.put(child(i), new byte[800]);
        }
        Random random = new Random(5);
        while (FrameHeader.gapBytes(root(rig)) > 12_000) {
            rig.put(own(random.nextInt(OWN_RECORDS)), new byte[1100 + random.nextInt(500) * 8]);
        }
        assertThat(FrameHeader.crossings(root(rig))).isEqualTo(1);
        assertThat(FrameHeader.deadBytes(root(rig))).isGreaterThan(100_000);
        return rig;
    }

    /** Deletes from the child frame, but neither its first records nor the last ones, which lie in the root frame. */
    public static void mergeIntoRoot(TreeRig rig) {
        long merges = rig.stats().merges();
        for (int i = CHILD_RECORDS - 160; rig.stats().merges() == merges; i--) {
            rig.delete(child(i));
        }
    }

    /** Writes a record of the root frame once more. */
    public static void changeRoot(TreeRig rig) {
        rig.put(own(0), rig.get(own(0)));
    }

    private static byte[] own(int number) {
        return ascii("own/%03d".formatted(number));
    }

    private static byte[] child(int number) {
        return ascii("some/%04d".formatted(number));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static long root(TreeRig rig) {
        return rig.buffers.residentAddress(rig.tree.rootBlobId());
    }

    private static byte[] bytes(long frame) {
        byte[] bytes = new byte[FrameHeader.FRAME_BYTES - FrameHeader.BLOB_ID_OFFSET];
        Memory.copyToArray(frame + FrameHeader.BLOB_ID_OFFSET, bytes, 0, bytes.length);
        return bytes;
    }

    /** An image of it is read page by page, with checksums that were taken before. */
    @Test
    void whatASnapshotSeesKeepsItsPlaces() {
        try (TreeRig rig = fragmented()) {
            SnapshotHandle handle = rig.snapshot();
            byte[] before = copy(rig, handle);
            long compactions = rig.stats().compactions();
            mergeIntoRoot(rig);
            assertThat(rig.stats().compactions())
                    .as("the root frame was compacted")
                    .isGreaterThan(compactions);
            assertThat(Arrays.mismatch(copy(rig, handle), before)).isNegative();
            rig.core.closeSnapshot(handle);
            rig.audit();
        }
    }

    /** The attempt to make room may be the last thing that is done to the frame in this epoch. */
    @Test
    void compactedPagesCountAsChanged() {
        try (TreeRig rig = fragmented()) {
            SnapshotHandle handle = rig.snapshot();
            long since = FrameHeader.epoch(root(rig));
            rig.core.closeSnapshot(handle);
            long epoch = rig.snapshots.clock().now();
            new FrameSurgery(rig.core, rig.tree, new MergePass(rig.core, rig.tree))
                    .makeRoom(own(0), 0, own(0).length, rig.tree.rootBlobId(), epoch, false);
            changeRoot(rig);
            assertThat(FrameHeader.epoch(root(rig))).isGreaterThan(since);
            int used = FrameHeader.innerEndPage(root(rig)) - 1;
            used += FrameHeader.PAGES - FrameHeader.leafStartPage(root(rig));
            assertThat(PageEpochs.changedSince(root(rig), since).cardinality()).isGreaterThanOrEqualTo(used);
        }
    }

    private static byte[] copy(TreeRig rig, SnapshotHandle handle) {
        long target = rig.buffers.lease("a test");
        try {
            Memory.fill(target + FrameHeader.BLOB_ID_OFFSET, FrameHeader.FRAME_BYTES - FrameHeader.BLOB_ID_OFFSET, 0);
            assertThat(new FrameCopy(rig.core, handle).copy(rig.tree.rootBlobId(), target))
                    .isTrue();
            return bytes(target);
        } finally {
            rig.buffers.release(target);
        }
    }
}
