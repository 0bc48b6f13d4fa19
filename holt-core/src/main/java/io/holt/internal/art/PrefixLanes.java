package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/** Walks to the first records of prefixes, and copies of these, see {@link Lanes}. */
public final class PrefixLanes extends Lanes {

    /** Of a record so many bytes are loaded ahead; what comes behind, the processor does by itself. */
    private static final int LOADED_BYTES = 256;

    private static final int LINE_BYTES = 64;

    /** More leaves than a frame can have. */
    private static final int LEAVES_MAX = FrameHeader.BODY_BYTES / FrameHeader.UNIT_BYTES;

    private final LeafRun[] runs = new LeafRun[LANES];

    /** What was loaded beside the headers, kept so that the loads are not left out. */
    private final long[] beside = new long[LANES];

    public PrefixLanes() {
        for (int lane = 0; lane < LANES; lane++) {
            runs[lane] = new LeafRun();
        }
    }

    /**
     * As {@link #load}, with what lies beside the headers: a node's path is before it, its edges may reach into the
     * next line of the cache. For trees that are in the cache it is work for nothing, so lookups of keys do without.
     */
    public void loadWide(int[] lanes, int count) {
        for (int i = 0; i < count; i++) {
            int lane = lanes[i];
            long node = nodes[lane];
            headers[lane] = Memory.getLong(node);
            if (!entering[lane]) {
                // A torn reference may be 0: before the frame there need not be memory.
                beside[lane] = Memory.getLong(Math.max(node - 8, frames[lane])) | Memory.getLong(node + 40);
            }
        }
    }

    /**
     * One step of a lane: WALKING, or of {@link Signal} FOUND once all below a node starts with the prefix, ABSENT,
     * CROSS or TORN.
     */
    public int step(int lane, byte[] prefix) {
        if (entering[lane]) {
            enterRoot(lane);
            return depths[lane] > prefix.length ? Signal.TORN : WALKING;
        }
        long frame = frames[lane];
        long header = headers[lane];
        long node = nodes[lane];
        int depth = depths[lane];
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            return startsWith(frame, node, header, prefix, depth) ? Signal.FOUND : Signal.ABSENT;
        }
        if (type == NodeType.CROSSING) {
            payloads[lane] = Crossing.blobId(header);
            return Signal.CROSS;
        }
        int path = InnerNode.prefixBytes(header);
        if (!NodeType.isInner(type) || path > node - frame) {
            return Signal.TORN;
        }
        int compared = Math.min(path, prefix.length - depth);
        if (!ByteSearch.equal(node - path, prefix, depth, compared)) {
            return Signal.ABSENT;
        }
        depth += path;
        if (depth >= prefix.length) {
            return Signal.FOUND;
        }
        int unit = Nodes.find(node, header, prefix[depth] & 0xFF);
        if (unit == 0) {
            return Signal.ABSENT;
        }
        nodes[lane] = Nodes.address(frame, unit);
        depths[lane] = depth + 1;
        return WALKING;
    }

    private static boolean startsWith(long frame, long leaf, long header, byte[] prefix, int depth) {
        int known = depth - FrameHeader.basePathBytes(frame);
        int wanted = prefix.length - depth;
        return known >= 0
                && Leaf.keyBytes(header) - known >= wanted
                && ByteSearch.equal(Leaf.key(leaf, header) + known, prefix, depth, wanted);
    }

    /**
     * After FOUND: finds the first leaves below, without looking at them.
     *
     * @param most how many at most, 1 or more
     * @return false if not all of them are in this frame
     */
    public boolean findLeaves(int lane, int most) {
        LeafRun run = runs[lane];
        long frame = frames[lane];
        // However many are wanted, a frame has no more than its records; one more, so that it does not end before a
        // crossing as if it were full. What is torn says any number.
        run.start(frame, Math.min(most, Math.clamp(FrameHeader.records(frame), 0, LEAVES_MAX) + 1));
        int unit = (int) (nodes[lane] - frame) >>> FrameHeader.UNIT_SHIFT;
        if (InnerNode.type(headers[lane]) == NodeType.LEAF) {
            run.add(unit);
            return true;
        }
        return run.below(unit, false, 0) != ArtScan.TORN_FRAME;
    }

    /** Loads the leaves that were found by these lanes, all at once. */
    public void loadLeaves(int[] lanes, int count) {
        for (int i = 0; i < count; i++) {
            LeafRun run = runs[lanes[i]];
            long any = 0;
            for (int j = 0; j < run.count(); j++) {
                any |= Memory.getLong(Nodes.address(run.frame(), run.units()[j]));
            }
            // Kept, else the loads would be left out.
            headers[lanes[i]] = any;
        }
        for (int i = 0; i < count; i++) {
            LeafRun run = runs[lanes[i]];
            long any = 0;
            for (int j = 0; j < run.count(); j++) {
                any |= loadLines(Nodes.address(run.frame(), run.units()[j]));
            }
            headers[lanes[i]] = any;
        }
    }

    private static long loadLines(long leaf) {
        long header = Memory.getLong(leaf);
        int bytes = Math.min(LOADED_BYTES, Leaf.keyBytes(header) + Leaf.valueBytes(header));
        long any = 0;
        for (int at = LINE_BYTES; at < bytes + LINE_BYTES; at += LINE_BYTES) {
            any |= Memory.getLong(leaf + at);
        }
        return any;
    }

    /** Copies the leaves that a lane found, all of them or, if they are large, none. */
    public boolean copyLeaves(int lane, ScanChunk chunk) {
        LeafRun run = runs[lane];
        chunk.reset(true);
        chunk.take(run, run.count());
        if (!run.isTaken() && chunk.largeBytes() < 0) {
            chunk.growFor(run.count());
            run.taken(0);
            chunk.reset(true);
            chunk.take(run, run.count());
        }
        return run.isTaken() && chunk.largeBytes() < 0;
    }
}
