package io.holt.internal.tree;

import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.internal.art.Lanes;
import io.holt.internal.art.PrefixLanes;
import io.holt.internal.art.ScanChunk;
import io.holt.internal.art.Signal;
import java.util.Arrays;

/**
 * Hands over the first records of many prefixes, found by walks that take turns, up to {@value Lanes#LANES} at once,
 * see {@link PrefixLanes}. Latency-critical; kept one a thread and used again.
 *
 * <p>Optimistic as a {@link Descent} is (I2): the visitor sees copies that were validated. A walk that is disturbed,
 * and records that lie in several frames or have values over 64 KiB, are left to {@link TreeVisit}.
 */
final class ManyVisitor {

    private final PrefixLanes lanes = new PrefixLanes();
    private final LaneFrames frames = new LaneFrames(lanes);
    private final ScanChunk chunk = new ScanChunk();
    private final int[] walking = new int[Lanes.LANES];
    private final int[] found = new int[Lanes.LANES];

    /** What the walk of each lane ended with: FOUND, ABSENT, or anything else if it is left to a visit of its own. */
    private final int[] ends = new int[Lanes.LANES];

    private RecordVisitor visitor;
    private boolean isEnded;

    /** As {@link TreeView#visitMany}; arguments are checked. */
    long visit(
            TreeReader single,
            ReadView view,
            TreeState tree,
            byte[][] prefixes,
            int count,
            int most,
            RecordVisitor newVisitor,
            int[] counts) {
        visitor = newVisitor;
        isEnded = false;
        Arrays.fill(counts, 0, count, 0);
        long sum = 0;
        try {
            for (int first = 0; first < count && !isEnded; first += Lanes.LANES) {
                int group = Math.min(Lanes.LANES, count - first);
                walk(view, tree, prefixes, first, group, most);
                for (int lane = 0; lane < group && !isEnded; lane++) {
                    int handed = take(view, tree, lane);
                    if (handed < 0) {
                        handed = (int)
                                single.visit(Scan.prefix(prefixes[first + lane]).limit(most), this::hand);
                    }
                    counts[first + lane] = handed;
                    sum += handed;
                }
            }
        } finally {
            visitor = null;
        }
        return sum;
    }

    private void walk(ReadView view, TreeState tree, byte[][] prefixes, int first, int group, int most) {
        Arrays.fill(ends, 0, group, Signal.TORN);
        int left = frames.enterRoot(view, tree, group, walking) ? group : 0;
        int loading = 0;
        while (left > 0) {
            lanes.loadWide(walking, left);
            int still = 0;
            for (int i = 0; i < left; i++) {
                int lane = walking[i];
                int code = lanes.step(lane, prefixes[first + lane]);
                if (code == Lanes.WALKING || (code == Signal.CROSS && frames.cross(view, lane))) {
                    walking[still++] = lane;
                } else if (code != Signal.FOUND) {
                    ends[lane] = code;
                } else if (lanes.findLeaves(lane, most)) {
                    ends[lane] = code;
                    found[loading++] = lane;
                }
            }
            left = still;
        }
        lanes.loadLeaves(found, loading);
    }

    /** Hands over what a lane found; answers how many records that were, or -1 if it is to be done by a visit. */
    private int take(ReadView view, TreeState tree, int lane) {
        if (ends[lane] == Signal.ABSENT) {
            return frames.validate(view, tree, lane) ? 0 : -1;
        }
        if (ends[lane] != Signal.FOUND || !lanes.copyLeaves(lane, chunk) || !frames.validate(view, tree, lane)) {
            return -1;
        }
        byte[] data = chunk.data();
        int handed = 0;
        while (handed < chunk.count() && !isEnded) {
            hand(
                    data,
                    chunk.keyOffset(handed),
                    chunk.keyBytes(handed),
                    data,
                    chunk.valueOffset(handed),
                    chunk.valueBytes(handed));
            handed++;
        }
        return handed;
    }

    private boolean hand(byte[] keys, int keyOffset, int keyBytes, byte[] values, int valueOffset, int valueBytes) {
        isEnded = !visitor.visit(keys, keyOffset, keyBytes, values, valueOffset, valueBytes);
        return !isEnded;
    }
}
