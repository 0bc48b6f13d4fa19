package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;

/** Copies a frame without its dead bytes. The caller holds the source's latch; the target is nobody else's yet. */
public final class ArtCompact {

    private ArtCompact() {}

    /** Copies a whole frame: identity, path and content. The latch word of the target is left as it is. */
    public static void copyFrame(long from, long to) {
        Memory.bringNear(from, FrameHeader.FRAME_BYTES);
        copyIdentity(from, to);
        new SubtreeCopier(from, to).copyRoot();
    }

    /** Gives the target the identity and the path of the source, and no content. */
    static void copyIdentity(long from, long to) {
        FrameHeader.format(
                to,
                FrameHeader.kind(from),
                FrameHeader.blobId(from),
                FrameHeader.treeId(from),
                FrameHeader.epoch(from));
        FrameHeader.lsn(to, FrameHeader.lsn(from));
        FrameHeader.rootDepth(to, FrameHeader.rootDepth(from));
        int base = FrameHeader.basePathBytes(from);
        Memory.putShort(to + FrameHeader.BASE_PATH_BYTES_OFFSET, base);
        Memory.copy(FrameHeader.basePath(from), FrameHeader.basePath(to), base);
    }
}
