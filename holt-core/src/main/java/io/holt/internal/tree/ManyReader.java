package io.holt.internal.tree;

import io.holt.api.TreeView;
import io.holt.internal.art.LookupLanes;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * Reads many values by walks that take turns, up to {@value LookupLanes#LANES} at once, see {@link LookupLanes}.
 * Latency-critical; one a thread, so a call allocates nothing.
 *
 * <p>Optimistic as a {@link Descent} is (I2). A walk that is disturbed, and a value over 64 KiB, is left to
 * {@link TreeReader}.
 */
final class ManyReader {

    /** In place of a length: left to a read of its own. */
    private static final int ALONE = Integer.MIN_VALUE;

    private final LookupLanes lookups = new LookupLanes();
    private final LaneFrames frames = new LaneFrames(lookups);
    private final int[] walking = new int[LookupLanes.LANES];

    /** As {@link TreeView#getMany}; arguments are checked. */
    void read(
            TreeReader single,
            ReadView view,
            TreeState tree,
            byte[][] keys,
            int count,
            byte[][] targets,
            int[] lengths) {
        for (int first = 0; first < count; first += LookupLanes.LANES) {
            int lanes = Math.min(LookupLanes.LANES, count - first);
            readGroup(view, tree, keys, first, lanes, targets, lengths);
            for (int i = first; i < first + lanes; i++) {
                if (lengths[i] == ALONE) {
                    lengths[i] = single.get(keys[i], 0, keys[i].length, targets[i], 0);
                }
            }
        }
    }

    /**
     * Walks to keys so that what is on the way to them, and their leaves, is in the processor's caches; whatever
     * disturbs a walk ends it.
     *
     * @param count up to {@link LookupLanes#LANES}
     */
    void bringNear(ReadView view, TreeState tree, byte[][] keys, int first, int count) {
        int left = frames.enterRoot(view, tree, count, walking) ? count : 0;
        while (left > 0) {
            lookups.load(walking, left);
            int still = 0;
            for (int i = 0; i < left; i++) {
                int lane = walking[i];
                int code = lookups.step(lane, keys[first + lane]);
                if (code == LookupLanes.WALKING || (code == Signal.CROSS && frames.cross(view, lane))) {
                    walking[still++] = lane;
                }
            }
            left = still;
        }
    }

    private void readGroup(
            ReadView view, TreeState tree, byte[][] keys, int first, int lanes, byte[][] targets, int[] lengths) {
        int left = frames.enterRoot(view, tree, lanes, walking) ? lanes : 0;
        if (left == 0) {
            Arrays.fill(lengths, first, first + lanes, ALONE);
        }
        while (left > 0) {
            lookups.load(walking, left);
            int still = 0;
            for (int i = 0; i < left; i++) {
                int lane = walking[i];
                int code = lookups.step(lane, keys[first + lane]);
                if (code == LookupLanes.WALKING || (code == Signal.CROSS && frames.cross(view, lane))) {
                    walking[still++] = lane;
                } else {
                    lengths[first + lane] = finish(view, tree, lane, code, targets[first + lane]);
                }
            }
            left = still;
        }
    }

    /** The value's length, ABSENT, or ALONE. */
    private int finish(ReadView view, TreeState tree, int lane, int code, byte[] target) {
        int length = ALONE;
        if (code == Signal.ABSENT) {
            length = TreeView.ABSENT;
        } else if (code == Signal.FOUND) {
            long header = lookups.leafHeader(lane);
            int bytes = Leaf.valueBytes(header);
            if (!Leaf.isLarge(header) && bytes >= 0 && bytes <= Leaf.MAX_INLINE_VALUE_BYTES) {
                length = bytes;
                if (bytes <= target.length) {
                    Memory.copyToArray(Leaf.value(lookups.leaf(lane), header), target, 0, bytes);
                }
            }
        }
        return frames.validate(view, tree, lane) ? length : ALONE;
    }
}
