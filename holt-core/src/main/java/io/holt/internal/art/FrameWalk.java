package io.holt.internal.art;

import static io.holt.internal.art.ArtScan.AT_CROSSING;
import static io.holt.internal.art.ArtScan.BEYOND_END;
import static io.holt.internal.art.ArtScan.CHUNK_FULL;
import static io.holt.internal.art.ArtScan.GO_ON;
import static io.holt.internal.art.ArtScan.TORN_FRAME;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * Walks over the inner nodes of one frame, from a seek position on, to the leaves that a scan wants or to a crossing.
 * Latency-critical, as {@link ArtScan}, whose part it is; what is read may be torn.
 */
final class FrameWalk {

    /** Length of the longest key; nodes further down can only be torn. */
    private static final int MAX_DEPTH = 65_535;

    private final LeafRun run;
    private final ScanGroups groups;
    private final SeekPosition seek;

    /** Of the nodes that the walk went through along the seek position: unit, and depth of the edges. */
    private int[] passedUnits = new int[64];

    private int[] passedDepths = new int[64];
    private byte[] path = new byte[256];
    private boolean reverse;
    private long frame;

    /** Nothing below any node leads out of the frame. */
    private boolean closed;

    /** So many bytes of the path name the group of the keys below; a path that is shorter is in no group yet. */
    private int groupBytes = ScanGroups.NONE;

    private int crossingBlobId;
    private boolean crossingOnSeekPath;
    private int crossingDepth;
    private int crossingFarEdge;

    /** @param run where leaves go */
    FrameWalk(LeafRun run, ScanGroups groups, SeekPosition seek) {
        this.run = run;
        this.groups = groups;
        this.seek = seek;
    }

    /** As the accessors of {@link ArtScan}. */
    int crossingBlobId() {
        return crossingBlobId;
    }

    boolean crossingOnSeekPath() {
        return crossingOnSeekPath;
    }

    int crossingDepth() {
        return crossingDepth;
    }

    int crossingFarEdge() {
        return crossingFarEdge;
    }

    byte[] path() {
        return path;
    }

    /**
     * Walks a frame that the seek position leads to, until the run is full or something else ends it.
     *
     * @return GO_ON at the end of the frame, else a constant of {@link ArtScan}
     */
    int walk(long frameAddress, boolean descending) {
        frame = frameAddress;
        reverse = descending;
        closed = FrameHeader.crossings(frame) == 0;
        int rootDepth = FrameHeader.rootDepth(frame);
        if (rootDepth > seek.length()) {
            return TORN_FRAME;
        }
        ensurePath(seek.length() + 1);
        System.arraycopy(seek.array(), 0, path, 0, seek.length());
        groupBytes = groups.bytesOf(path, 0, rootDepth);
        return walkAlong(FrameHeader.rootUnit(frame), rootDepth);
    }

    /**
     * Walks along the seek position as far as there are edges, then over what lies behind it, node by node upwards. A
     * loop, for compiled as a recursion it is too large to have its loads compiled into it.
     */
    private int walkAlong(int rootUnit, int rootDepth) {
        byte[] wanted = seek.array();
        int unit = rootUnit;
        int depth = rootDepth;
        int passed = 0;
        while (unit != 0 && run.mayVisit(passed)) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int prefix = InnerNode.prefixBytes(header);
            int edges = depth + prefix;
            if (!NodeType.isInner(InnerNode.type(header))
                    || edges >= seek.length()
                    || prefix > (unit << FrameHeader.UNIT_SHIFT)
                    || !ByteSearch.equal(node - prefix, wanted, depth, prefix)) {
                break;
            }
            int child = Nodes.find(node, header, wanted[edges] & 0xFF);
            if (child == 0) {
                break;
            }
            enterGroup(edges);
            leaveGroup(edges);
            pass(passed++, unit, edges);
            unit = child;
            depth = edges + 1;
        }
        int result = walkEnd(unit, depth, passed);
        if (result == AT_CROSSING && passed > 0 && crossingDepth == passedDepths[passed - 1]) {
            long node = Nodes.address(frame, passedUnits[passed - 1]);
            long header = Memory.getLong(node);
            crossingFarEdge = farEdge(node, header, Nodes.ceiling(node, header, wanted[crossingDepth] & 0xFF), unit);
        }
        while (result == GO_ON && passed > 0) {
            passed--;
            result = walkBehind(passedUnits[passed], passedDepths[passed], passed);
        }
        return result;
    }

    private void pass(int index, int unit, int depth) {
        if (index == passedUnits.length) {
            passedUnits = Arrays.copyOf(passedUnits, 2 * index);
            passedDepths = Arrays.copyOf(passedDepths, 2 * index);
        }
        passedUnits[index] = unit;
        passedDepths[index] = depth;
    }

    /** What lies behind the seek position in a node that it leads through, and was not walked over further down. */
    private int walkBehind(int unit, int depth, int level) {
        if (groupServed(depth, 0)) {
            return GO_ON;
        }
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int edge = seek.array()[depth] & 0xFF;
        int from = reverse ? Nodes.floor(node, header, edge - 1) : Nodes.ceiling(node, header, edge + 1);
        return walkFrom(node, header, depth, from, level);
    }

    private int walkFrom(long node, long header, int depth, int from, int level) {
        int before = run.count();
        int result = from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, level);
        if (!reverse || result != GO_ON || groupServed(depth, before)) {
            return result;
        }
        return depth < seek.prefixBytes() ? BEYOND_END : walkTerminal(header);
    }

    /** Walks what the seek position's path ends at: a leaf, a crossing, or a node without the edge that it needs. */
    private int walkEnd(int unit, int depth, int level) {
        if (unit == 0 || !run.mayVisit(level)) {
            return TORN_FRAME;
        }
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            if (!seek.reaches(frame, node, header, depth)) {
                return GO_ON;
            }
            return depth < seek.prefixBytes() && !seek.prefixes(frame, node, header, depth) ? BEYOND_END : take(unit);
        }
        if (type == NodeType.CROSSING) {
            // Nothing is wanted if the seek position is this very edge, and all that starts with it is left out.
            boolean isPast = depth == seek.length() && seek.mode() == (reverse ? SeekMode.BEYOND : SeekMode.PREFIX_END);
            return isPast ? GO_ON : stopAt(header, depth - 1, true);
        }
        int prefix = InnerNode.prefixBytes(header);
        if (!copyPath(unit, header, depth)) {
            return TORN_FRAME;
        }
        int comparable = Math.min(prefix, seek.length() - depth);
        int agreed = Arrays.mismatch(path, depth, depth + comparable, seek.array(), depth, depth + comparable);
        if (agreed < 0) {
            return walkFork(unit, header, depth + prefix, level);
        }
        boolean greater = (path[depth + agreed] & 0xFF) > (seek.array()[depth + agreed] & 0xFF);
        if (greater == reverse) {
            return GO_ON;
        }
        return depth + agreed < seek.prefixBytes() ? BEYOND_END : walkAll(unit, depth + prefix, level);
    }

    private int stopAt(long crossing, int depth, boolean onSeekPath) {
        crossingBlobId = Crossing.blobId(crossing);
        crossingOnSeekPath = onSeekPath;
        crossingDepth = depth;
        return AT_CROSSING;
    }

    /** Appends a node's path; false if what was read is torn. */
    private boolean copyPath(int unit, long header, int depth) {
        int prefix = InnerNode.prefixBytes(header);
        if (!NodeType.isInner(InnerNode.type(header))
                || prefix > (unit << FrameHeader.UNIT_SHIFT)
                || depth + prefix > MAX_DEPTH) {
            return false;
        }
        ensurePath(depth + prefix + 1);
        Memory.copyToArray(Nodes.address(frame, unit) - prefix, path, depth, prefix);
        enterGroup(depth + prefix);
        return true;
    }

    /** The node's path and the seek position agree as far as the shorter one goes. */
    private int walkFork(int unit, long header, int depth, int level) {
        long node = Nodes.address(frame, unit);
        if (depth > seek.length()) {
            // Every key below is longer than the seek position and starts with it.
            boolean wanted = reverse == (seek.mode() == SeekMode.PREFIX_END);
            return wanted ? walkAll(unit, depth, level) : GO_ON;
        }
        if (depth == seek.length()) {
            return walkAtEnd(unit, header, depth, level);
        }
        int edge = seek.array()[depth] & 0xFF;
        int from = reverse ? Nodes.floor(node, header, edge) : Nodes.ceiling(node, header, edge);
        return walkFrom(node, header, depth, from, level);
    }

    /** The node's path is the seek position: its terminal is the key itself, all else is beyond it. */
    private int walkAtEnd(int unit, long header, int depth, int level) {
        long node = Nodes.address(frame, unit);
        if (seek.mode() == SeekMode.PREFIX_END) {
            return reverse ? walkAll(unit, depth, level) : GO_ON;
        }
        if (seek.mode() == SeekMode.AT) {
            return reverse ? walkTerminal(header) : walkAll(unit, depth, level);
        }
        if (reverse) {
            return GO_ON;
        }
        int from = Nodes.ceiling(node, header, 0);
        return from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, level);
    }

    /** Walks over all below an edge that is not on the seek position's path. */
    private int walkBelow(int unit, int depth, int level) {
        if (unit == 0 || !run.mayVisit(level)) {
            return TORN_FRAME;
        }
        long header = Memory.getLong(Nodes.address(frame, unit));
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            return take(unit);
        }
        if (type == NodeType.CROSSING) {
            return stopAt(header, depth - 1, false);
        }
        int prefix = InnerNode.prefixBytes(header);
        return copyPath(unit, header, depth) ? walkAll(unit, depth + prefix, level) : TORN_FRAME;
    }

    private int walkAll(int unit, int depth, int level) {
        if (closed && depth >= groupBytes) {
            return run.firstBelow(unit, reverse, level);
        }
        if (closed && !groups.isActive()) {
            return run.below(unit, reverse, level);
        }
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int before = run.count();
        if (!reverse) {
            int result = walkTerminal(header);
            if (result != GO_ON || groupServed(depth, before)) {
                return result;
            }
        }
        int from = reverse ? Nodes.floor(node, header, 255) : Nodes.ceiling(node, header, 0);
        int result = from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, level);
        return reverse && result == GO_ON && !groupServed(depth, before) ? walkTerminal(header) : result;
    }

    private int walkTerminal(long header) {
        int terminal = InnerNode.terminal(header);
        return terminal == 0 ? GO_ON : take(terminal);
    }

    private int take(int unit) {
        return run.add(unit) ? GO_ON : CHUNK_FULL;
    }

    /** Walks edges in the scan's direction, none of which is on the seek position's path. */
    private int walkEdges(long node, long header, int depth, int from, int level) {
        if (depth < seek.prefixBytes()) {
            return BEYOND_END;
        }
        int before = run.count();
        for (int p = from; p != Nodes.NONE && !groupServed(depth, before); p = step(node, header, p)) {
            int child = Nodes.childAt(node, header, p);
            path[depth] = (byte) Nodes.keyAt(node, header, p);
            leaveGroup(depth);
            int result = run.isLeaf(child) ? take(child) : walkBelow(child, depth + 1, level + 1);
            if (result != GO_ON) {
                if (result == AT_CROSSING && crossingDepth == depth) {
                    crossingFarEdge = farEdge(node, header, p, child);
                }
                return result;
            }
        }
        return GO_ON;
    }

    /** Whether all below a node of this depth is one group, and its record was taken since. */
    private boolean groupServed(int depth, int countBefore) {
        return depth >= groupBytes && run.count() > countBefore;
    }

    /** The path has become as long as this. */
    private void enterGroup(int depth) {
        if (groupBytes == ScanGroups.NONE && groups.isActive()) {
            groupBytes = groups.bytesOf(path, 0, depth);
        }
    }

    /** Another edge of a node is walked: it leads to a group of its own, unless all of the node is in one. */
    private void leaveGroup(int depth) {
        if (depth < groupBytes) {
            groupBytes = ScanGroups.NONE;
        }
    }

    /** The last of the edges, in the scan's direction, that lead to the same crossing. */
    private int farEdge(long node, long header, int position, int child) {
        int last = position;
        int p = step(node, header, position);
        while (p != Nodes.NONE && Nodes.childAt(node, header, p) == child) {
            last = p;
            p = step(node, header, p);
        }
        return Nodes.keyAt(node, header, last);
    }

    private int step(long node, long header, int position) {
        return reverse ? Nodes.previous(node, header, position) : Nodes.next(node, header, position);
    }

    private void ensurePath(int bytes) {
        if (bytes > path.length) {
            path = Arrays.copyOf(path, Math.max(bytes, 2 * path.length));
        }
    }
}
