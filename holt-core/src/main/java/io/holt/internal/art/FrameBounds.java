package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;
import java.io.ByteArrayOutputStream;

/** Between which prefixes the keys of a frame, and of all frames below it, lie. The frame is still. */
public final class FrameBounds {

    /** Bytes that a bound may have besides those of the base path. */
    private static final int MORE_BYTES = 16;

    private FrameBounds() {}

    /** No key is less than this. */
    public static byte[] lowest(long frame) {
        return bound(frame, false);
    }

    /** Every key begins with this or is less. */
    public static byte[] highest(long frame) {
        return bound(frame, true);
    }

    private static byte[] bound(long frame, boolean highest) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int pathBytes = FrameHeader.basePathBytes(frame);
        append(bytes, FrameHeader.basePath(frame), pathBytes);
        if (FrameHeader.kind(frame) != FrameHeader.KIND_TREE || pathBytes < FrameHeader.rootDepth(frame)) {
            return bytes.toByteArray();
        }
        int unit = FrameHeader.rootUnit(frame);
        while (bytes.size() < pathBytes + MORE_BYTES) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (type == NodeType.LEAF || type == NodeType.CROSSING) {
                break;
            }
            int prefixBytes = InnerNode.prefixBytes(header);
            append(bytes, node - prefixBytes, prefixBytes);
            int position = highest ? Nodes.floor(node, header, 255) : Nodes.ceiling(node, header, 0);
            if (position == Nodes.NONE || (!highest && InnerNode.terminal(header) != 0)) {
                break;
            }
            bytes.write(Nodes.keyAt(node, header, position));
            unit = Nodes.childAt(node, header, position);
        }
        return bytes.toByteArray();
    }

    private static void append(ByteArrayOutputStream bytes, long address, int count) {
        byte[] part = new byte[count];
        Memory.copyToArray(address, part, 0, count);
        bytes.write(part, 0, count);
    }
}
