package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/** Tells in advance what an insertion will ask of a frame. */
public final class ArtRoom {

    /** The largest node that one insertion may make, without its prefix: one that grows, or a new fork. */
    private static final int NODE_UNITS_MAX = InnerNode.bodyUnits(NodeType.NODE256);

    private ArtRoom() {}

    /**
     * The most bytes that putting a record can take out of a frame's gap, whatever was done to the frame before. The
     * prefix of a node that it makes is part of the record's key.
     */
    public static int insertBytesMax(long frame, int keyBytes, int flags, int valueBytes) {
        int units =
                Links.leafUnits(frame, keyBytes, flags, valueBytes) + NODE_UNITS_MAX + InnerNode.prefixUnits(keyBytes);
        return units * FrameHeader.UNIT_BYTES;
    }

    /**
     * Whether an absent key, put into this frame, would go on to a child frame whose group its byte belongs to; may see
     * torn bytes, the caller validates.
     */
    public static boolean goesOn(long frame, byte[] key, int offset, int bytes) {
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (!NodeType.isInner(type)) {
                return type == NodeType.CROSSING;
            }
            int prefix = InnerNode.prefixBytes(header);
            if (depth + prefix >= bytes
                    || prefix > (unit << FrameHeader.UNIT_SHIFT)
                    || !ByteSearch.equal(node - prefix, key, offset + depth, prefix)) {
                return false;
            }
            depth += prefix;
            int edge = key[offset + depth] & 0xFF;
            unit = Nodes.find(node, header, edge);
            if (unit == 0) {
                return ArtInsert.groupBeside(frame, node, header, edge) != 0;
            }
            depth++;
        }
    }
}
