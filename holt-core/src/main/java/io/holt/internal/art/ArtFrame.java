package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.NodeType;

/** Makes frames of nodes and leaves. */
public final class ArtFrame {

    private ArtFrame() {}

    /**
     * Writes an empty frame: a header and a root without edges. The latch word is left as it is.
     *
     * @param path key bytes above the root, at least {@code depth} of them
     */
    public static void format(long frame, int blobId, int treeId, long epoch, byte[] path, int depth) {
        FrameHeader.format(frame, FrameHeader.KIND_TREE, blobId, treeId, epoch);
        FrameHeader.path(frame, path, depth);
        FrameHeader.rootUnit(frame, Links.newNode(frame, NodeType.NODE4, 0, 0));
    }

    /** Writes an empty frame with the identity and the path of another. The latch word is left as it is. */
    public static void formatLike(long other, long frame) {
        ArtCompact.copyIdentity(other, frame);
        FrameHeader.rootUnit(frame, Links.newNode(frame, NodeType.NODE4, 0, 0));
    }

    /** Removes everything but an empty root; records and crossings are the caller's to have counted down. */
    static void clear(long frame) {
        FrameAllocator.reset(frame);
        FrameHeader.rootUnit(frame, Links.newNode(frame, NodeType.NODE4, 0, 0));
    }
}
