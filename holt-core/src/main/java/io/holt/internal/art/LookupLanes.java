package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;

/** Lookups of keys, see {@link Lanes}. */
public final class LookupLanes extends Lanes {

    /** After FOUND: address of the leaf. */
    public long leaf(int lane) {
        return nodes[lane];
    }

    /** After FOUND: header of the leaf. */
    public long leafHeader(int lane) {
        return headers[lane];
    }

    /** One step of a lane: WALKING, or FOUND, ABSENT, CROSS or TORN of {@link Signal}. */
    public int step(int lane, byte[] key) {
        if (entering[lane]) {
            enterRoot(lane);
            return WALKING;
        }
        long frame = frames[lane];
        long header = headers[lane];
        long node = nodes[lane];
        int depth = depths[lane];
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            return ArtLookup.leafHas(frame, node, header, key, 0, key.length, depth) ? Signal.FOUND : Signal.ABSENT;
        }
        if (type == NodeType.CROSSING) {
            payloads[lane] = Crossing.blobId(header);
            return Signal.CROSS;
        }
        int prefix = InnerNode.prefixBytes(header);
        if (prefix != 0) {
            if (depth + prefix > key.length) {
                return Signal.ABSENT;
            }
            if (prefix > node - frame) {
                return Signal.TORN;
            }
            if (!ByteSearch.equal(node - prefix, key, depth, prefix)) {
                return Signal.ABSENT;
            }
            depth += prefix;
        }
        int unit;
        if (depth >= key.length) {
            unit = depth == key.length ? InnerNode.terminal(header) : 0;
        } else {
            unit = Nodes.find(node, header, key[depth] & 0xFF);
            depth++;
        }
        if (unit == 0) {
            return Signal.ABSENT;
        }
        nodes[lane] = Nodes.address(frame, unit);
        depths[lane] = Math.min(depth, key.length);
        return WALKING;
    }
}
