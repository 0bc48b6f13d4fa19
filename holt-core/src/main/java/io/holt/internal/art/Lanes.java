package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;

/**
 * Walks that go on side by side, a node each in turn, so that the cache misses of one are waited for together with
 * those of the others. Latency-critical: no allocation.
 *
 * <p>A round first loads the headers of all nodes: loads that do not depend on each other, which the processor has
 * under way at once. Only then are they looked at, by {@code step} of each kind of walk. May run beside a writer, as
 * {@link ArtLookup}: the caller validates.
 */
public abstract sealed class Lanes permits LookupLanes, PrefixLanes {

    public static final int LANES = 16;

    /** The walk goes on within the frame. */
    public static final int WALKING = 0;

    final long[] frames = new long[LANES];
    final long[] nodes = new long[LANES];
    final long[] headers = new long[LANES];
    final int[] depths = new int[LANES];
    final int[] payloads = new int[LANES];
    final boolean[] entering = new boolean[LANES];

    /** Puts a lane at the start of a frame, whose header it looks at in the next round. */
    public final void enter(int lane, long frame) {
        frames[lane] = frame;
        nodes[lane] = frame + FrameHeader.BLOB_ID_OFFSET;
        entering[lane] = true;
    }

    /** Loads what the next step of each of these lanes looks at. */
    public final void load(int[] lanes, int count) {
        for (int i = 0; i < count; i++) {
            int lane = lanes[i];
            headers[lane] = Memory.getLong(nodes[lane]);
        }
    }

    /** After CROSS: the child frame. */
    public final int blobId(int lane) {
        return payloads[lane];
    }

    public final long frame(int lane) {
        return frames[lane];
    }

    /** To the root node of the frame that the lane is at the start of. */
    final void enterRoot(int lane) {
        long frame = frames[lane];
        entering[lane] = false;
        nodes[lane] = Nodes.address(frame, FrameHeader.rootUnit(frame));
        depths[lane] = FrameHeader.rootDepth(frame);
    }
}
