package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * Finds, in one frame, the longest key that is a prefix of given bytes. Latency-critical: static, no allocation.
 *
 * <p>May run beside a writer, as {@link ArtLookup}: the caller validates the frame's version afterwards (I2).
 */
public final class ArtPrefix {

    private static final int LENGTH_SHIFT = 40;

    private ArtPrefix() {}

    /**
     * Follows the bytes from the frame's root.
     *
     * @return a {@link Signal} ABSENT (the path ends here), CROSS or TORN, and with it {@link #length}
     */
    public static long find(long frame, byte[] bytes, int count) {
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        int best = -1;
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (type == NodeType.LEAF) {
                int keyBytes = Leaf.keyBytes(header) + FrameHeader.basePathBytes(frame);
                boolean prefix = keyBytes <= count && ArtLookup.leafHas(frame, node, header, bytes, 0, keyBytes, depth);
                return result(Signal.of(Signal.ABSENT, 0), prefix ? keyBytes : best);
            }
            if (type == NodeType.CROSSING) {
                return result(Signal.of(Signal.CROSS, Crossing.blobId(header)), best);
            }
            int prefix = InnerNode.prefixBytes(header);
            if (prefix != 0) {
                if (prefix > (unit << FrameHeader.UNIT_SHIFT)) {
                    return Signal.of(Signal.TORN, 0);
                }
                if (depth + prefix > count || !ByteSearch.equal(node - prefix, bytes, depth, prefix)) {
                    return result(Signal.of(Signal.ABSENT, 0), best);
                }
                depth += prefix;
            }
            if (InnerNode.terminal(header) != 0 && depth <= count) {
                best = depth;
            }
            if (depth >= count) {
                return result(Signal.of(Signal.ABSENT, 0), best);
            }
            unit = Nodes.find(node, header, bytes[depth] & 0xFF);
            if (unit == 0) {
                return result(Signal.of(Signal.ABSENT, 0), best);
            }
            depth++;
        }
    }

    private static long result(long signal, int length) {
        return signal | ((length + 1L) << LENGTH_SHIFT);
    }

    /** The signal alone. */
    public static long signal(long result) {
        return result & ((1L << LENGTH_SHIFT) - 1);
    }

    /** Length of the longest key found in the frame, or -1. */
    public static int length(long result) {
        return (int) (result >>> LENGTH_SHIFT) - 1;
    }
}
