package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.Node16;
import io.holt.internal.layout.Node4;
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

    /** Levels and nodes after which what is read can only be torn. */
    private static final int MAX_LEVELS = 4096;

    private static final int MAX_NODES = 200_000;

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

    /** What follows, here and in all frames, does not start with the prefix. */
    public static final int BEYOND_PREFIX = 5;

    private static final int GO_ON = 0;
    private static final byte[] NO_PREFIX = {};

    private final ScanChunk chunk;
    private final ScanGroups groups = new ScanGroups();
    private boolean reverse;
    private byte[] prefix = NO_PREFIX;
    private byte[] seek = new byte[64];
    private int seekBytes;

    /** Length of the prefix if the seek position starts with it, else 0: then the caller finds the end. */
    private int prefixBytes;

    private SeekMode mode;
    private byte[] path = new byte[256];
    private long frame;
    private int nodesLeft;

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

    /** Fills the chunk from a frame that the seek position leads to; answers one of the constants above. */
    public int fill(long frameAddress) {
        frame = frameAddress;
        nodesLeft = MAX_NODES;
        chunk.enter(frame);
        int rootDepth = FrameHeader.rootDepth(frame);
        if (rootDepth > seekBytes) {
            return TORN_FRAME;
        }
        ensurePath(rootDepth + 1);
        System.arraycopy(seek, 0, path, 0, rootDepth);
        groupBytes = groups.bytesOf(path, 0, rootDepth);
        int result = walk(FrameHeader.rootUnit(frame), rootDepth, true, 0);
        return result == GO_ON ? EXHAUSTED : result;
    }

    private int walk(int unit, int depth, boolean onPath, int level) {
        if (--nodesLeft < 0 || level > MAX_LEVELS || unit == 0) {
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
                return BEYOND_PREFIX;
            }
            return chunk.add(node, header) ? GO_ON : CHUNK_FULL;
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
            return walkAll(node, header, depth + prefix, level);
        }
        int comparable = Math.min(prefix, seekBytes - depth);
        int agreed = Arrays.mismatch(path, depth, depth + comparable, seek, depth, depth + comparable);
        if (agreed >= 0) {
            boolean greater = (path[depth + agreed] & 0xFF) > (seek[depth + agreed] & 0xFF);
            if (greater == reverse) {
                return GO_ON;
            }
            return depth + agreed < prefixBytes ? BEYOND_PREFIX : walkAll(node, header, depth + prefix, level);
        }
        return walkOnPath(node, header, depth + prefix, level);
    }

    /** The node's path and the seek position agree as far as the shorter one goes. */
    private int walkOnPath(long node, long header, int depth, int level) {
        if (depth > seekBytes) {
            // Every key below is longer than the seek position and starts with it.
            boolean wanted = reverse ? mode == SeekMode.PREFIX_END : mode != SeekMode.PREFIX_END;
            return wanted ? walkAll(node, header, depth, level) : GO_ON;
        }
        if (depth == seekBytes) {
            return walkAtEnd(node, header, depth, level);
        }
        int edge = seek[depth] & 0xFF;
        if (!reverse) {
            int from = Nodes.ceiling(node, header, edge);
            return from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, edge, level);
        }
        int before = chunk.count();
        int from = Nodes.floor(node, header, edge);
        int result = from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, edge, level);
        if (result != GO_ON || groupServed(depth, before)) {
            return result;
        }
        return depth < prefixBytes ? BEYOND_PREFIX : walkTerminal(header);
    }

    /** The node's path is the seek position: its terminal is the key itself, all else is beyond it. */
    private int walkAtEnd(long node, long header, int depth, int level) {
        if (mode == SeekMode.PREFIX_END) {
            return reverse ? walkAll(node, header, depth, level) : GO_ON;
        }
        if (mode == SeekMode.AT) {
            return reverse ? walkTerminal(header) : walkAll(node, header, depth, level);
        }
        if (reverse) {
            return GO_ON;
        }
        int from = Nodes.ceiling(node, header, 0);
        return from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, Nodes.NONE, level);
    }

    private int walkAll(long node, long header, int depth, int level) {
        int before = chunk.count();
        if (!reverse) {
            int result = walkTerminal(header);
            if (result != GO_ON || groupServed(depth, before)) {
                return result;
            }
        }
        if (!reverse && InnerNode.type(header) == NodeType.NODE4) {
            int count = Math.min(InnerNode.children(header), Node4.CAPACITY);
            return walkOn(node + Node4.KEYS_OFFSET, node + Node4.CHILDREN_OFFSET, 0, count, node, header, depth, level);
        }
        if (!reverse && InnerNode.type(header) == NodeType.NODE16) {
            int count = Math.min(InnerNode.children(header), Node16.CAPACITY);
            return walkOn(
                    node + Node16.KEYS_OFFSET, node + Node16.CHILDREN_OFFSET, 0, count, node, header, depth, level);
        }
        int from = reverse ? Nodes.floor(node, header, 255) : Nodes.ceiling(node, header, 0);
        int result = from == Nodes.NONE ? GO_ON : walkEdges(node, header, depth, from, Nodes.NONE, level);
        return reverse && result == GO_ON && !groupServed(depth, before) ? walkTerminal(header) : result;
    }

    private int walkTerminal(long header) {
        int terminal = InnerNode.terminal(header);
        if (terminal == 0) {
            return GO_ON;
        }
        long leaf = Nodes.address(frame, terminal);
        long leafHeader = Memory.getLong(leaf);
        if (InnerNode.type(leafHeader) != NodeType.LEAF) {
            return TORN_FRAME;
        }
        return chunk.add(leaf, leafHeader) ? GO_ON : CHUNK_FULL;
    }

    /** Walks all edges of a small node from one on, ascending: the way through most of a tree's records. */
    private int walkOn(long keys, long children, int from, int count, long node, long header, int depth, int level) {
        int before = chunk.count();
        for (int p = from; p < count && !groupServed(depth, before); p++) {
            int child = Memory.getUnsignedShort(children + 2L * p);
            long leaf = Nodes.address(frame, child);
            long childHeader = Memory.getLong(leaf);
            if (InnerNode.type(childHeader) == NodeType.LEAF) {
                if (!chunk.add(leaf, childHeader)) {
                    return CHUNK_FULL;
                }
                continue;
            }
            path[depth] = Memory.getByte(keys + p);
            leaveGroup(depth);
            int result = walk(child, depth + 1, false, level + 1);
            if (result != GO_ON) {
                if (result == AT_CROSSING && crossingDepth == depth) {
                    crossingFarEdge = farEdge(node, header, p, child);
                }
                return result;
            }
        }
        return GO_ON;
    }

    /** Walks edges in the scan's direction; the one whose key is {@code seekEdge} is on the seek path. */
    private int walkEdges(long node, long header, int depth, int from, int seekEdge, int level) {
        int before = chunk.count();
        for (int p = from; p != Nodes.NONE && !groupServed(depth, before); p = step(node, header, p)) {
            int key = Nodes.keyAt(node, header, p);
            if (depth < prefixBytes && key != seekEdge) {
                return BEYOND_PREFIX;
            }
            path[depth] = (byte) key;
            leaveGroup(depth);
            int child = Nodes.childAt(node, header, p);
            int result = walk(child, depth + 1, key == seekEdge, level + 1);
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
        return depth >= groupBytes && chunk.count() > countBefore;
    }

    /** Another edge of a node is walked: what it leads to is in a group of its own, unless all of the node is in one. */
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
