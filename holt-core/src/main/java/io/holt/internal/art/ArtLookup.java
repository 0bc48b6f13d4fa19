package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * Finds a key in one frame. Latency-critical: static, primitive arguments, no allocation.
 *
 * <p>May run beside a writer: it stays within the slab and ends whatever it reads (each step but the last consumes a
 * key byte); the caller validates the frame's version afterwards (I2).
 */
public final class ArtLookup {

    private ArtLookup() {}

    /**
     * Follows a key from the frame's root.
     *
     * @param frame address of the frame that the key's path leads to
     * @return {@link Signal#FOUND}, {@link Signal#ABSENT}, {@link Signal#CROSS} or {@link Signal#TORN}
     */
    public static long find(long frame, byte[] key, int offset, int bytes) {
        long base = Memory.base(frame);
        int end = offset + bytes;
        int at = offset + FrameHeader.rootDepth(base);
        int unit = FrameHeader.rootUnit(base);
        while (true) {
            long node = Nodes.address(base, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (type <= NodeType.CROSSING) {
                return outside(base, unit, node, header, key, offset, bytes, at - offset);
            }
            int prefix = InnerNode.prefixBytes(header);
            if (prefix != 0) {
                if (at + prefix > end) {
                    return Signal.of(Signal.ABSENT, 0);
                }
                if (prefix > (unit << FrameHeader.UNIT_SHIFT)) {
                    return Signal.of(Signal.TORN, 0);
                }
                if (!ByteSearch.equalBefore(node, key, at, prefix)) {
                    return Signal.of(Signal.ABSENT, 0);
                }
                at += prefix;
            }
            if (at >= end) {
                int terminal = InnerNode.terminal(header);
                return terminal != 0 && at == end ? Signal.of(Signal.FOUND, terminal) : Signal.of(Signal.ABSENT, 0);
            }
            unit = Nodes.find(node, header, key[at] & 0xFF);
            if (unit == 0) {
                return Signal.of(Signal.ABSENT, 0);
            }
            at++;
        }
    }

    /** What is at the end of the walk over inner nodes. Apart from its loop, which so keeps its values in registers. */
    private static long outside(
            long frame, int unit, long node, long header, byte[] key, int offset, int bytes, int depth) {
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            return leafHas(frame, node, header, key, offset, bytes, depth)
                    ? Signal.of(Signal.FOUND, unit)
                    : Signal.of(Signal.ABSENT, 0);
        }
        return type == NodeType.CROSSING ? Signal.of(Signal.CROSS, Crossing.blobId(header)) : Signal.of(Signal.TORN, 0);
    }

    /** Whether a leaf is the key's, given that the first {@code depth} bytes agree. */
    static boolean leafHas(long frame, long leaf, long header, byte[] key, int offset, int bytes, int depth) {
        int base = FrameHeader.basePathBytes(frame);
        int keyBytes = Leaf.keyBytes(header);
        if (keyBytes != bytes - base || depth > bytes || depth < base) {
            return false;
        }
        if (leaf == frame) {
            // Torn, for there is the header. The comparison may read 4 bytes that lie before a leaf.
            return false;
        }
        return ByteSearch.equalUpTo(Leaf.tail(leaf, header), key, offset + bytes, bytes - depth);
    }
}
