package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/** Finds the inner node at an exact depth of a path that is known to lead to one. */
final class NodeAt {

    private NodeAt() {}

    /** Unit of the inner node whose prefix ends at {@code depth}. */
    static int depth(long frame, byte[] path, int depth) {
        int unit = FrameHeader.rootUnit(frame);
        int at = FrameHeader.rootDepth(frame);
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            assert NodeType.isInner(InnerNode.type(header)) : "path leads to no inner node";
            at += InnerNode.prefixBytes(header);
            if (at == depth) {
                return unit;
            }
            assert at < depth : "no node ends at depth " + depth;
            unit = Nodes.find(node, header, path[at] & 0xFF);
            at++;
        }
    }
}
