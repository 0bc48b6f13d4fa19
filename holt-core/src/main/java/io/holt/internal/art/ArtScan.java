package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * Copies records of one frame, in order and from a seek position on, into a chunk. Latency-critical: one instance a
 * cursor, no allocation once its arrays have grown.
 *
 * <p>May run beside a writer: it stays within the slab and ends whatever it reads; the caller validates the frame's
 * version afterwards (I2) and throws away the chunk if that fails.
 */
public final class ArtScan {

    /** Length of the longest key; nodes further down can only be torn. */
    private static final int MAX_DEPTH = 65_535;

    /** The frame has no more records in the scan's direction. */
    public static final int EXHAUSTED = 1;

    /** The chunk is full. */
    public static final int CHUNK_FULL = 2;

    /** The scan goes on in a child frame, see {@link #crossingBlobId}. */
    public static final int AT_CROSSING = 3;

    /** What was read makes no sense. */
    public static final int TORN_FRAME = 4;

    /** What follows, here and in all frames, lies beyond the scan's end. */
    public static final int BEYOND_END = 5;

    static final int GO_ON = 0;
    private static final byte[] NO_PREFIX = {};

    private final ScanChunk chunk;
    private final LeafRun run = new LeafRun();
    private final ScanGroups groups = new ScanGroups();
    private final LeafBound bound = new LeafBound();

    /** What the walk said that filled the run. */
    private int walked;

    private boolean reverse;
    private byte[] prefix = NO_PREFIX;
    private byte[] seek = new byte[64];
    private int seekBytes;

    /** Length of the prefix if the seek position starts with it, else 0: then the caller finds the end. */
    private int prefixBytes;

    private SeekMode mode;
    private byte[] path = new byte[256];
    private long frame;

    /** Nothing below any node leads out of the frame. */
    private boolean closed;

    /** So many bytes of the path name the group of the keys below; a path that is shorter is in no group yet. */
    private int groupBytes = ScanGroups.NONE;

    private int crossingBlobId;
    private boolean crossingOnSeekPath;
    private int crossingDepth;
    private int crossingFarEdge;

    public ArtScan(ScanChunk chunk) {
        this.chunk = chunk;
    }

    /**
     * Sets the direction and what all wanted keys start with; a seek follows.
     *
     * @param commonBytes kept, not copied
     */
    public void direct(boolean descending, byte[] commonBytes) {
        reverse = descending;
        prefix = commonBytes;
    }

    /**
     * Sets where the scan ends in its direction; a seek follows.
     *
     * @param key kept, not copied; null if only the prefix ends it
     */
    public void end(byte[] key, boolean inclusive) {
        bound.set(key, inclusive, reverse);
    }

    /** Which records stand for others. */
    public ScanGroups groups() {
        return groups;
    }

    /** Sets where the next fill starts; the bytes are copied. */
    public void seek(byte[] bytes, int offset, int length, SeekMode seekMode) {
        if (length > seek.length) {
            seek = new byte[Math.max(length, 2 * seek.length)];
        }
        System.arraycopy(bytes, offset, seek, 0, length);
        seekBytes = length;
        mode = seekMode;
        boolean within = length >= prefix.length && Arrays.equals(seek, 0, prefix.length, prefix, 0, prefix.length);
        prefixBytes = within ? prefix.length : 0;
    }

    /** Whether so many bytes of the path to a crossing are too few for anything behind it to have the prefix. */
    public boolean isBeyondPrefix(int pathBytes) {
        return pathBytes <= prefixBytes;
    }

    public byte[] seekArray() {
        return seek;
    }

    public int seekLength() {
        return seekBytes;
    }

    public SeekMode seekMode() {
        return mode;
    }

    /** After AT_CROSSING: the child frame. */
    public int crossingBlobId() {
        return crossingBlobId;
    }

    /** After AT_CROSSING: the edge of the crossing's group that is the farthest in the scan's direction. */
    public int crossingFarEdge() {
        return crossingFarEdge;
    }

    /** After AT_CROSSING: depth of the crossing's node; its path is in {@link #pathArray}, one byte longer. */
    public int crossingDepth() {
        return crossingDepth;
    }

    /** After AT_CROSSING: whether the seek position itself leads into the child; if not, all of it is wanted. */
    public boolean crossingOnSeekPath() {
        return crossingOnSeekPath;
    }

    public byte[] pathArray() {
        return path;
    }

    /**
     * Walks a frame that the seek position leads to, and fills the chunk.
     *
     * @param walkRecords most records that the walk goes to; those not copied now are there for {@link #fillOn}
     * @param copyRecords most records that are copied
     * @return one of the constants above
     */
    public int fill(long frameAddress, int walkRecords, int copyRecords) {
        frame = frameAddress;
        run.start(frame, walkRecords);
        closed = FrameHeader.crossings(frame) == 0;
        int rootDepth = FrameHeader.rootDepth(frame);
        if (rootDepth > seekBytes) {
            return TORN_FRAME;
        }
        ensurePath(rootDepth + 1);
        System.arraycopy(seek, 0, path, 0, rootDepth);
        groupBytes = groups.bytesOf(path, 0, rootDepth);
        int result = walk(FrameHeader.rootUnit(frame), rootDepth, true, 0);
        walked = result == GO_ON ? EXHAUSTED : result;
        int within = bound.within(run);
        if (within < run.count()) {
            run.keep(within);
            walked = BEYOND_END;
        }
        return fillOn(copyRecords);
    }

    /** Whether the last walk went to records that were not copied yet. */
    public boolean canFillOn() {
        return !run.isTaken();
    }

    /** Fills the chunk with what follows in the same frame, if nothing changed there: the caller validates. */
    public int fillOn(int copyRecords) {
        chunk.take(run, copyRecords);
        return run.isTaken() ? walked : CHUNK_FULL;
    }

    private int walk(int unit, int depth, boolean onPath, int level) {
        if (!run.mayVisit(level) || unit == 0) {
            return TORN_FRAME;
        }
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            if (onPath && !leafWanted(node, header, depth)) {
                return GO_ON;
            }
            if (onPath && depth < prefixBytes && !hasPrefix(node, header, depth)) {
                return BEYOND_END;
            }
            return take(unit);
        }
        if (type == NodeType.CROSSING) {
            if (onPath && depth == seekBytes && mode == (reverse ? SeekMode.BEYOND : SeekMode.PREFIX_END)) {
                // The seek position is this very edge, and nothing that starts with it is wanted.
                return GO_ON;
            }
            crossingBlobId = Crossing.blobId(header);
            crossingOnSeekPath = onPath;
            crossingDepth = depth - 1;
            return AT_CROSSING;
        }
        if (!NodeType.isInner(type)) {
            return TORN_FRAME;
        }
        int prefix = InnerNode.prefixBytes(header);
        if (prefix > (unit << FrameHeader.UNIT_SHIFT) || depth + prefix > MAX_DEPTH) {
            return TORN_FRAME;
        }
        ensurePath(depth + prefix + 1);
        Memory.copyToArray(node - prefix, path, depth, prefix);
        if (groupBytes == ScanGroups.NONE && groups.isActive()) {
            groupBytes = groups.bytesOf(path, 0, depth + prefix);
        }
        if (!onPath) {
            return walkAll(unit, depth + prefix, level);
        }
        int comparable = Math.min(prefix, seekBytes - depth);
        int agreed = Arrays.mismatch(path, depth, depth + comparable, seek, depth, depth + comparable);
        if (agreed >= 0) {
            boolean greater = (path[depth + agreed] & 0xFF) > (seek[depth + agreed] & 0xFF);
            if (greater == reverse) {
                return GO_ON;
            }
            return depth + agreed < prefixBytes ? BEYOND_END : walkAll(unit, depth + prefix, level);
        }
        return walkOnPath(unit, header, depth + prefix, level);
    }

    /** The node's path and the seek position agree as far as the shorter one goes. */
    private int walkOnPath(int unit, long header, int depth, int level) {
        long node = Nodes.address(frame, unit);
        if (depth > seekBytes) {
            // Every key below is longer than the seek position and starts with it.
            boolean wanted = reverse ? mode == SeekMode.PREFIX_END : mode != SeekMode.PREFIX_END;
            return wanted ? walkAll(unit, depth, level) : GO_ON;
        }
        if (depth == seekBytes) {
            return walkAtEnd(unit, header, depth, level);
        }
        int edge = seek[depth] & 0xFF;
        if (!reverse) {
            int from = Nodes.ceiling(node, header, edge);
            return from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, edge, level);
        }
        int before = run.count();
        int from = Nodes.floor(node, header, edge);
        int result = from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, edge, level);
        if (result != GO_ON || groupServed(depth, before)) {
            return result;
        }
        return depth < prefixBytes ? BEYOND_END : walkTerminal(header);
    }

    /** The node's path is the seek position: its terminal is the key itself, all else is beyond it. */
    private int walkAtEnd(int unit, long header, int depth, int level) {
        long node = Nodes.address(frame, unit);
        if (mode == SeekMode.PREFIX_END) {
            return reverse ? walkAll(unit, depth, level) : GO_ON;
        }
        if (mode == SeekMode.AT) {
            return reverse ? walkTerminal(header) : walkAll(unit, depth, level);
        }
        if (reverse) {
            return GO_ON;
        }
        int from = Nodes.ceiling(node, header, 0);
        return from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, Nodes.NONE, level);
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
        int result = from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, Nodes.NONE, level);
        return reverse && result == GO_ON && !groupServed(depth, before) ? walkTerminal(header) : result;
    }

    private int walkTerminal(long header) {
        int terminal = InnerNode.terminal(header);
        return terminal == 0 ? GO_ON : take(terminal);
    }

    private int take(int unit) {
        return run.add(unit) ? GO_ON : CHUNK_FULL;
    }

    /** Walks edges in the scan's direction; the one whose key is {@code seekEdge} is on the seek path. */
    private int walkEdges(long node, long header, int depth, int from, int seekEdge, int level) {
        int before = run.count();
        for (int p = from; p != Nodes.NONE && !groupServed(depth, before); p = step(node, header, p)) {
            int key = Nodes.keyAt(node, header, p);
            if (depth < prefixBytes && key != seekEdge) {
                return BEYOND_END;
            }
            int child = Nodes.childAt(node, header, p);
            path[depth] = (byte) key;
            leaveGroup(depth);
            int result = key != seekEdge && run.isLeaf(child)
                    ? take(child)
                    : walk(child, depth + 1, key == seekEdge, level + 1);
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

    private boolean leafWanted(long leaf, long header, int depth) {
        int skipped = depth - FrameHeader.basePathBytes(frame);
        int rest = Leaf.keyBytes(header) - skipped;
        if (skipped < 0 || rest < 0 || depth > seekBytes) {
            return false;
        }
        int wantedRest = seekBytes - depth;
        long key = Leaf.key(leaf, header) + skipped;
        int order = ByteSearch.compare(key, rest, seek, depth, wantedRest);
        if (mode == SeekMode.AT && order == 0) {
            return true;
        }
        if (mode == SeekMode.PREFIX_END && rest >= wantedRest && ByteSearch.equal(key, seek, depth, wantedRest)) {
            return reverse;
        }
        return reverse ? order < 0 : order > 0;
    }

    /** Whether a key that agrees with the seek position so far has the prefix. */
    private boolean hasPrefix(long leaf, long header, int depth) {
        int skipped = depth - FrameHeader.basePathBytes(frame);
        return Leaf.keyBytes(header) - skipped >= prefixBytes - depth
                && ByteSearch.equal(Leaf.key(leaf, header) + skipped, seek, depth, prefixBytes - depth);
    }

    private void ensurePath(int bytes) {
        if (bytes > path.length) {
            path = Arrays.copyOf(path, Math.max(bytes, 2 * path.length));
        }
    }
}
