package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * Looks through a frame for the group of edges of one node that is best to move out to a child frame: without
 * crossings, because one that moves out is a hop further from the root, and near half of the live bytes. Where a run of
 * ascending keys goes on, as much as can be of what it left: the child frame goes on growing and then leaves full
 * siblings behind. A frame may have many such runs, each at a node of its own.
 *
 * <p>If groups without crossings are all small, the tree has to become deeper: then a group near half moves, if there
 * is one without edges that are crossings themselves: frames that other frames are below are not moved down for the few
 * bytes of their crossings. Only a frame that consists of crossings mostly has no such group.
 */
final class GroupSearch {

    /** A group, or a child that may contain one, has at least this part of the live bytes. */
    private static final int SMALLEST_PART = 4;

    /** Groups that differ by no more than this part of the live bytes are as good as each other. */
    private static final int NEARLY_ALL_PART = 64;

    private final SubtreeUnits sizes;
    private final long frame;
    private final long live;
    private final int fixedUnit;
    private final Group run = new Group();
    private final Group clear = new Group();
    private final Group indirect = new Group();
    private final Group any = new Group();
    private byte[] runKey;
    private int runOffset;
    private int runBytes;
    private int runDepth = Integer.MAX_VALUE;

    private static final class Group {
        private long distance = Long.MAX_VALUE;
        private int unit;
        private byte[] path;
        private int low;
        private int high;
    }

    /**
     * Searches one frame.
     *
     * @param wholeRoot whether all edges of the root may move: only from a tree's root frame, else nothing is gained
     */
    GroupSearch(SubtreeUnits sizes, long liveUnits, boolean wholeRoot) {
        this.sizes = sizes;
        this.frame = sizes.frame();
        this.fixedUnit = wholeRoot ? 0 : FrameHeader.rootUnit(frame);
        this.live = liveUnits;
    }

    /** Says where a run of ascending keys has got to: no node deeper than this on a key's path has a greater one. */
    GroupSearch alongRun(byte[] key, int offset, int bytes, int depth) {
        runKey = key;
        runOffset = offset;
        runBytes = bytes;
        runDepth = depth;
        return this;
    }

    /** Searches a node and all below it; the path to it has {@code depth} bytes. */
    void visit(int unit, byte[] path, int depth) {
        SplitItems items = new SplitItems();
        items.collect(sizes, unit);
        if (isInRun(path, depth)) {
            long found = items.chooseLast(unit != fixedUnit);
            keep(run, found, live, live / SMALLEST_PART, unit, path, depth, items);
        }
        long half = live / 2;
        long found = items.chooseGroup(half, SplitItems.CLEAR, unit != fixedUnit);
        keep(clear, found, half, live / SMALLEST_PART, unit, path, depth, items);
        found = items.chooseGroup(half, SplitItems.INDIRECT, unit != fixedUnit);
        keep(indirect, found, half, live / SMALLEST_PART, unit, path, depth, items);
        found = items.chooseGroup(half, SplitItems.ANY, unit != fixedUnit);
        keep(any, found, half, 0, unit, path, depth, items);
        for (int i = 0; i < items.count(); i++) {
            if (items.units(i) >= live / SMALLEST_PART && isInner(items.child(i))) {
                descend(items.low(i), items.child(i), path, depth);
            }
        }
    }

    private boolean isInRun(byte[] path, int depth) {
        return depth >= runDepth
                && depth <= runBytes
                && Arrays.equals(path, 0, depth, runKey, runOffset, runOffset + depth);
    }

    private void descend(int edge, int child, byte[] path, int depth) {
        long node = Nodes.address(frame, child);
        int prefix = InnerNode.prefixBytes(Memory.getLong(node));
        byte[] deeper = Arrays.copyOf(path, depth + 1 + prefix);
        deeper[depth] = (byte) edge;
        Memory.copyToArray(node - prefix, deeper, depth + 1, prefix);
        visit(child, deeper, deeper.length);
    }

    /**
     * A single edge gives way to what is below it if that is about as good: a frame that is rooted above a single edge
     * would have to be rooted anew, and copied for it, before it could be divided.
     */
    private void keep(
            Group group, long found, long wanted, long least, int unit, byte[] path, int depth, SplitItems items) {
        if (found < least) {
            return;
        }
        long distance = Math.abs(found - wanted);
        boolean below = group.path != null && group.low == group.high && depth > group.path.length;
        if (distance < group.distance || (below && distance - group.distance <= live / NEARLY_ALL_PART)) {
            group.distance = distance;
            group.unit = unit;
            group.path = Arrays.copyOf(path, depth);
            group.low = items.low(items.groupFirst());
            group.high = items.high(items.groupLast());
        }
    }

    /** Whether the group found is where a run of ascending keys goes on. */
    boolean isRun() {
        return run.path != null;
    }

    int unit() {
        return best().unit;
    }

    /** Key bytes that lead to the node. */
    byte[] path() {
        return best().path;
    }

    int depth() {
        return best().path.length;
    }

    int low() {
        return best().low;
    }

    int high() {
        return best().high;
    }

    private Group best() {
        if (run.path != null) {
            return run;
        }
        if (clear.path != null) {
            return clear;
        }
        return indirect.path != null ? indirect : any;
    }

    private boolean isInner(int child) {
        return NodeType.isInner(InnerNode.type(Memory.getLong(Nodes.address(frame, child))));
    }
}
