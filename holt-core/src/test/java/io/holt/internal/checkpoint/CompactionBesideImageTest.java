package io.holt.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.FrameDigest;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.tree.CompactedFrameTest;
import io.holt.internal.tree.TreeRig;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A frame is compacted between the taking of its digests and the writing of its pages. */
class CompactionBesideImageTest {

    @Test
    void whatIsWrittenMatchesItsChecksums() {
        try (TreeRig rig = CompactedFrameTest.fragmented()) {
            SnapshotHandle first = rig.snapshot();
            FrameDigest earlier;
            try (SnapshotFrames frames = framesAtRoot(rig, first)) {
                earlier = frames.digest(null);
            }
            rig.core.closeSnapshot(first);
            CompactedFrameTest.changeRoot(rig);
            SnapshotHandle second = rig.snapshot();
            try (SnapshotFrames frames = framesAtRoot(rig, second)) {
                frames.digest(earlier);
                CompactedFrameTest.mergeIntoRoot(rig);
                FrameImage.verify(frames.image(), frames.blobId(), "the image", 0);
            }
            rig.core.closeSnapshot(second);
        }
    }

    private static SnapshotFrames framesAtRoot(TreeRig rig, SnapshotHandle handle) {
        SnapshotFrames frames = new SnapshotFrames(rig.core, handle, 0, new BitSet(), Map.of());
        do {
            assertThat(frames.next()).isTrue();
        } while (frames.blobId() != rig.tree.rootBlobId());
        return frames;
    }
}
