package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * Puts a record into one frame: finds or makes its leaf, and leaves the value to the caller, who writes it in place
 * under the same latch.
 *
 * <p>Runs under the frame's exclusive latch (I1). Nothing is changed when the answer is FULL, LARGE or FOUND. What is
 * changed is marked, the place of the value with it (P1 of {@link PageEpochs}).
 *
 * <p>The group rule: a byte that is absent at a node, beside an edge that leads to a crossing, belongs to that
 * crossing; the edge is added here and the record goes on to the child frame. So frames above others keep few
 * records, and grow by what their children's divisions add.
 */
public final class ArtInsert {

    /** Sets the value whether or not the key is there; a large old value answers LARGE. */
    public static final int UPSERT = 0;

    /** Answers FOUND, and changes nothing, if the key is there. */
    public static final int IF_ABSENT = 1;

    /** As UPSERT, but a large old value is overwritten: its value frames are the caller's to free. */
    public static final int REPLACE_LARGE = 2;

    private ArtInsert() {}

    /**
     * Puts a key.
     *
     * @param flags flags of the leaf
     * @param valueBytes length of the value that the caller will write; of the whole value if it is large
     * @return INSERTED or REPLACED with the leaf; CROSS with a blob id; FULL; FOUND or LARGE, by mode
     */
    public static long put(long frame, byte[] key, int offset, int bytes, int flags, int valueBytes, int mode) {
        long parent = Links.ROOT;
        int parentEdge = 0;
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (type == NodeType.CROSSING) {
                return Signal.of(Signal.CROSS, Crossing.blobId(header));
            }
            if (type == NodeType.LEAF) {
                return atLeaf(frame, parent, parentEdge, unit, key, offset, bytes, depth, flags, valueBytes, mode);
            }
            int prefix = InnerNode.prefixBytes(header);
            if (prefix != 0) {
                int comparable = Math.min(prefix, bytes - depth);
                int common = ByteSearch.commonPrefix(node - prefix, key, offset + depth, comparable);
                if (common < prefix) {
                    return splitPath(
                            frame, parent, parentEdge, unit, key, offset, bytes, depth, common, flags, valueBytes);
                }
                depth += prefix;
            }
            if (depth == bytes) {
                int terminal = InnerNode.terminal(header);
                if (terminal != 0) {
                    return replace(frame, node, Links.TERMINAL, terminal, key, offset, bytes, flags, valueBytes, mode);
                }
                if (!FrameAllocator.fits(frame, 0, 0, Links.leafUnits(frame, bytes, flags, valueBytes))) {
                    return Signal.of(Signal.FULL, 0);
                }
                int leaf = insertLeaf(frame, key, offset, bytes, flags, valueBytes);
                InnerNode.terminal(node, leaf);
                Links.mark(frame, node);
                return Signal.of(Signal.INSERTED, leaf);
            }
            int edge = key[offset + depth] & 0xFF;
            int child = Nodes.find(node, header, edge);
            if (child == 0) {
                return addEdge(frame, parent, parentEdge, unit, edge, key, offset, bytes, flags, valueBytes);
            }
            parent = node;
            parentEdge = edge;
            unit = child;
            depth++;
        }
    }

    /**
     * As {@link #put} with {@link #UPSERT}, without a walk if the key's leaf is known and its value keeps its place.
     *
     * @param found what a walk to this frame said, under a version of the frame that its latch was then taken for
     */
    public static long upsert(long frame, long found, byte[] key, int offset, int bytes, int flags, int valueBytes) {
        int leaf = Signal.payload(found);
        boolean inline =
                Signal.code(found) == Signal.FOUND && !Leaf.isLarge(Memory.getLong(Nodes.address(frame, leaf)));
        if (inline && replaceInPlace(frame, leaf, flags, valueBytes)) {
            return Signal.of(Signal.REPLACED, leaf);
        }
        return put(frame, key, offset, bytes, flags, valueBytes, UPSERT);
    }

    private static long atLeaf(
            long frame,
            long parent,
            int parentEdge,
            int unit,
            byte[] key,
            int offset,
            int bytes,
            int depth,
            int flags,
            int valueBytes,
            int mode) {
        long leaf = Nodes.address(frame, unit);
        long header = Memory.getLong(leaf);
        int base = FrameHeader.basePathBytes(frame);
        int leafKeyBytes = Leaf.keyBytes(header) + base;
        long rest = Leaf.key(leaf, header) + (depth - base);
        int comparable = Math.min(leafKeyBytes, bytes) - depth;
        int common = ByteSearch.commonPrefix(rest, key, offset + depth, comparable);
        if (common == comparable && leafKeyBytes == bytes) {
            return replace(frame, parent, parentEdge, unit, key, offset, bytes, flags, valueBytes, mode);
        }
        int nodeUnits = InnerNode.prefixUnits(common) + InnerNode.bodyUnits(NodeType.NODE4);
        if (!FrameAllocator.fits(frame, nodeUnits, 0, Links.leafUnits(frame, bytes, flags, valueBytes))) {
            return Signal.of(Signal.FULL, 0);
        }
        int forkUnit = Links.newNode(frame, NodeType.NODE4, common, 0);
        long fork = Nodes.address(frame, forkUnit);
        Memory.copyFromArray(key, offset + depth, fork - common, common);
        int at = depth + common;
        if (leafKeyBytes == at) {
            InnerNode.terminal(fork, unit);
        } else {
            Nodes.add(fork, Memory.getUnsignedByte(rest + common), unit);
        }
        int inserted = insertLeaf(frame, key, offset, bytes, flags, valueBytes);
        attach(fork, key, offset, bytes, at, inserted);
        Links.link(frame, parent, parentEdge, forkUnit);
        return Signal.of(Signal.INSERTED, inserted);
    }

    /** The key leaves a node's prefix after {@code common} bytes: a new node takes over there. */
    private static long splitPath(
            long frame,
            long parent,
            int parentEdge,
            int unit,
            byte[] key,
            int offset,
            int bytes,
            int depth,
            int common,
            int flags,
            int valueBytes) {
        int nodeUnits = InnerNode.prefixUnits(common) + InnerNode.bodyUnits(NodeType.NODE4);
        if (!FrameAllocator.fits(frame, nodeUnits, 0, Links.leafUnits(frame, bytes, flags, valueBytes))) {
            return Signal.of(Signal.FULL, 0);
        }
        long node = Nodes.address(frame, unit);
        int prefix = InnerNode.prefixBytes(Memory.getLong(node));
        int forkUnit = Links.newNode(frame, NodeType.NODE4, common, 0);
        long fork = Nodes.address(frame, forkUnit);
        Memory.copy(node - prefix, fork - common, common);
        int edge = Memory.getUnsignedByte(node - prefix + common);
        Links.shortenPrefix(frame, unit, common + 1);
        Nodes.add(fork, edge, unit);
        int inserted = insertLeaf(frame, key, offset, bytes, flags, valueBytes);
        attach(fork, key, offset, bytes, depth + common, inserted);
        Links.link(frame, parent, parentEdge, forkUnit);
        return Signal.of(Signal.INSERTED, inserted);
    }

    /** Hangs a new leaf on a node that has no such edge, or goes on to the child frame that the edge belongs to. */
    static long addEdge(
            long frame,
            long parent,
            int parentEdge,
            int unit,
            int edge,
            byte[] key,
            int offset,
            int bytes,
            int flags,
            int valueBytes) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        boolean grows = InnerNode.children(header) == InnerNode.capacity(type);
        int grownType = grows ? type + 1 : type;
        int grownUnits = grows ? Links.resizedUnits(header, grownType) : 0;
        int group = groupBeside(frame, node, header, edge);
        int leafUnits = group != 0 ? 0 : Links.leafUnits(frame, bytes, flags, valueBytes);
        if (!FrameAllocator.fits(frame, grownUnits, 0, leafUnits)) {
            return Signal.of(Signal.FULL, 0);
        }
        if (!grows) {
            Links.mark(frame, node);
        }
        long roomy = grows ? Nodes.address(frame, Links.resize(frame, parent, parentEdge, unit, grownType)) : node;
        if (group != 0) {
            long crossing = Nodes.address(frame, group);
            Nodes.add(roomy, edge, group);
            Crossing.addEdges(crossing, 1);
            PageEpochs.mark(frame, crossing, Crossing.UNITS * FrameHeader.UNIT_BYTES);
            return Signal.of(Signal.CROSS, Crossing.blobId(Memory.getLong(crossing)));
        }
        int leaf = insertLeaf(frame, key, offset, bytes, flags, valueBytes);
        Nodes.add(roomy, edge, leaf);
        return Signal.of(Signal.INSERTED, leaf);
    }

    /** The crossing that an absent edge belongs to: that of its neighbour below, or else of the one above; or 0. */
    static int groupBeside(long frame, long node, long header, int edge) {
        if (FrameHeader.crossings(frame) == 0) {
            // As of most frames. To look at the neighbours would cost two cache misses.
            return 0;
        }
        int below = crossingAt(frame, node, header, Nodes.floor(node, header, edge));
        return below != 0 ? below : crossingAt(frame, node, header, Nodes.ceiling(node, header, edge));
    }

    /** The crossing that an absent edge's neighbours on both sides lead to; or 0. */
    static int groupAround(long frame, long node, long header, int edge) {
        int below = crossingAt(frame, node, header, Nodes.floor(node, header, edge));
        return below == 0 || below != crossingAt(frame, node, header, Nodes.ceiling(node, header, edge)) ? 0 : below;
    }

    private static int crossingAt(long frame, long node, long header, int position) {
        if (position == Nodes.NONE) {
            return 0;
        }
        int child = Nodes.childAt(node, header, position);
        // One byte: a longer load would wait for the stores of a leaf that was just written.
        return Memory.getUnsignedByte(Nodes.address(frame, child)) == NodeType.CROSSING ? child : 0;
    }

    private static long replace(
            long frame,
            long parent,
            int parentEdge,
            int unit,
            byte[] key,
            int offset,
            int bytes,
            int flags,
            int valueBytes,
            int mode) {
        long leaf = Nodes.address(frame, unit);
        long header = Memory.getLong(leaf);
        if (mode == IF_ABSENT) {
            return Signal.of(Signal.FOUND, unit);
        }
        if (mode != REPLACE_LARGE && Leaf.isLarge(header)) {
            return Signal.of(Signal.LARGE, unit);
        }
        if (replaceInPlace(frame, unit, flags, valueBytes)) {
            return Signal.of(Signal.REPLACED, unit);
        }
        int before = Leaf.units(header);
        int after = Links.leafUnits(frame, bytes, flags, valueBytes);
        if (!FrameAllocator.fits(frame, 0, 0, after)) {
            return Signal.of(Signal.FULL, 0);
        }
        int moved = Links.newLeaf(frame, key, offset, bytes, flags, valueBytes);
        Links.link(frame, parent, parentEdge, moved);
        FrameAllocator.freeLeaf(frame, unit, before);
        return Signal.of(Signal.REPLACED, moved);
    }

    /** Gives a record another value where it lies, if that takes the same place; if not, nothing is changed. */
    private static boolean replaceInPlace(long frame, int unit, int flags, int valueBytes) {
        long leaf = Nodes.address(frame, unit);
        long header = Memory.getLong(leaf);
        long newHeader = Leaf.header(flags, Leaf.keyBytes(header), valueBytes);
        boolean fits = Leaf.isShort(newHeader) == Leaf.isShort(header) && Leaf.units(newHeader) == Leaf.units(header);
        if (fits) {
            Leaf.replaceHeader(leaf, newHeader);
            FrameHeader.leafWritten(frame, flags);
            PageEpochs.mark(frame, leaf, Leaf.units(newHeader) * FrameHeader.UNIT_BYTES);
        }
        return fits;
    }

    private static int insertLeaf(long frame, byte[] key, int offset, int bytes, int flags, int valueBytes) {
        FrameHeader.addRecords(frame, 1);
        return Links.newLeaf(frame, key, offset, bytes, flags, valueBytes);
    }

    /** Hangs a leaf on a node with room: as its terminal if the key ends at that depth, else by its next byte. */
    private static void attach(long node, byte[] key, int offset, int bytes, int depth, int leaf) {
        if (depth == bytes) {
            InnerNode.terminal(node, leaf);
        } else {
            Nodes.add(node, key[offset + depth] & 0xFF, leaf);
        }
    }
}
