package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * The node on which a frame's last new leaf hangs: the next key, if it parts from the last one just there, is put
 * without a walk. Of keys that come in order most are.
 *
 * <p>To be used where nobody else changes the frame; who changes it other than through {@link #put} calls
 * {@link #forget} or {@link #seek}. Threads: one at a time.
 */
public final class Finger {

    private long frame;
    private long parent;
    private int parentEdge;
    private int unit;

    /** Of the bytes that lead past the node's prefix, which are those of the key that was put last. */
    private int depth;

    private byte[] path;
    private int pathOffset;

    /** The next put is not done here. */
    public void forget() {
        frame = 0;
    }

    /**
     * Finds the node that the leaf of a key hangs on, which is there; forgets, if the key ends at a node.
     *
     * @param key not to be changed as long as this is used
     */
    public void seek(long in, byte[] key, int offset, int bytes) {
        frame = 0;
        long above = Links.ROOT;
        int edge = 0;
        int at = FrameHeader.rootUnit(in);
        int deep = FrameHeader.rootDepth(in);
        long beside = Links.ROOT;
        int besideEdge = 0;
        while (true) {
            long node = Nodes.address(in, at);
            long header = Memory.getLong(node);
            if (InnerNode.type(header) == NodeType.LEAF && above != Links.ROOT) {
                frame = in;
                parent = beside;
                parentEdge = besideEdge;
                unit = (int) ((above - in) >>> FrameHeader.UNIT_SHIFT);
                depth = deep - 1;
                path = key;
                pathOffset = offset;
                return;
            }
            if (!isInner(header)) {
                return;
            }
            deep += InnerNode.prefixBytes(header);
            int child = deep < bytes ? Nodes.find(node, header, key[offset + deep] & 0xFF) : 0;
            if (child == 0) {
                return;
            }
            beside = above;
            besideEdge = edge;
            above = node;
            edge = key[offset + deep] & 0xFF;
            at = child;
            deep++;
        }
    }

    private static boolean isInner(long header) {
        int type = InnerNode.type(header);
        return type != NodeType.LEAF && type != NodeType.CROSSING;
    }

    /**
     * As {@link ArtInsert#put}, if the key belongs on the node at hand and there is none like it.
     *
     * @return as that; ABSENT if the key is not for this node, and nothing was changed
     */
    public long put(long in, byte[] key, int offset, int bytes, int flags, int valueBytes) {
        if (in != frame
                || bytes <= depth
                || !Arrays.equals(path, pathOffset, pathOffset + depth, key, offset, offset + depth)) {
            return Signal.of(Signal.ABSENT, 0);
        }
        long node = Nodes.address(in, unit);
        long header = Memory.getLong(node);
        int edge = key[offset + depth] & 0xFF;
        if (Nodes.find(node, header, edge) != 0) {
            return Signal.of(Signal.ABSENT, 0);
        }
        boolean grows = InnerNode.children(header) == InnerNode.capacity(InnerNode.type(header));
        long signal = ArtInsert.addEdge(in, parent, parentEdge, unit, edge, key, offset, bytes, flags, valueBytes);
        if (Signal.code(signal) != Signal.INSERTED) {
            frame = 0;
        } else if (grows) {
            unit = parent == Links.ROOT
                    ? FrameHeader.rootUnit(in)
                    : Nodes.find(parent, Memory.getLong(parent), parentEdge);
        }
        return signal;
    }
}
