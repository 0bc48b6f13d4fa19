package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * Lookups that go on side by side, a node each in turn, so that the cache misses of one are waited for together with
 * those of the others. Latency-critical: no allocation.
 *
 * <p>A round first loads the headers of all nodes: loads that do not depend on each other, which the processor has
 * under way at once. Only then are they looked at. May run beside a writer, as {@link ArtLookup}: the caller validates.
 */
public final class LookupLanes {

    public static final int LANES = 16;

    /** The lookup goes on within the frame. */
    public static final int WALKING = 0;

    private final long[] frames = new long[LANES];
    private final long[] nodes = new long[LANES];
    private final long[] headers = new long[LANES];
    private final int[] depths = new int[LANES];
    private final int[] payloads = new int[LANES];
    private final boolean[] entering = new boolean[LANES];

    /** Puts a lane at the start of a frame, whose header it looks at in the next round. */
    public void enter(int lane, long frame) {
        frames[lane] = frame;
        nodes[lane] = frame + FrameHeader.BLOB_ID_OFFSET;
        entering[lane] = true;
    }

    /** Loads what the next step of each of these lanes looks at. */
    public void load(int[] lanes, int count) {
        for (int i = 0; i < count; i++) {
            int lane = lanes[i];
            headers[lane] = Memory.getLong(nodes[lane]);
        }
    }

    /** After CROSS: the child frame. */
    public int blobId(int lane) {
        return payloads[lane];
    }

    /** After FOUND: address of the leaf. */
    public long leaf(int lane) {
        return nodes[lane];
    }

    /** After FOUND: header of the leaf. */
    public long leafHeader(int lane) {
        return headers[lane];
    }

    public long frame(int lane) {
        return frames[lane];
    }

    /** One step of a lane: WALKING, or FOUND, ABSENT, CROSS or TORN of {@link Signal}. */
    public int step(int lane, byte[] key) {
        long frame = frames[lane];
        if (entering[lane]) {
            entering[lane] = false;
            nodes[lane] = Nodes.address(frame, FrameHeader.rootUnit(frame));
            depths[lane] = FrameHeader.rootDepth(frame);
            return WALKING;
        }
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
