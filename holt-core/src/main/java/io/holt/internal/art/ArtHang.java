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
 * Hangs a frame that was made elsewhere into another: the edges of one node that lead to it, which are not there yet,
 * and that node if it is not there. The counterpart of {@link ArtInsert} for many records at once; under the same
 * latch, by the same rules.
 *
 * <p>An instance is for one frame that is hung in; it may be tried in several.
 */
public final class ArtHang {

    private final byte[] key;
    private final int offset;
    private final int depth;
    private final byte[] edges;
    private final int blobId;

    /**
     * @param key bytes that lead to the frame's root start at {@code offset}, and are {@code depth}
     * @param edges the bytes that lead on from there, ascending
     */
    public ArtHang(byte[] key, int offset, int depth, byte[] edges, int blobId) {
        this.key = key;
        this.offset = offset;
        this.depth = depth;
        this.edges = edges;
        this.blobId = blobId;
    }

    /** INSERTED; CROSS with the blob id of the frame where the node is to be; FULL; FOUND if an edge is in the way. */
    public long into(long frame) {
        long parent = Links.ROOT;
        int parentEdge = 0;
        int unit = FrameHeader.rootUnit(frame);
        int at = FrameHeader.rootDepth(frame);
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (type == NodeType.CROSSING) {
                return Signal.of(Signal.CROSS, Crossing.blobId(header));
            }
            if (type == NodeType.LEAF) {
                return besideLeaf(frame, parent, parentEdge, unit, at);
            }
            int prefix = InnerNode.prefixBytes(header);
            int common = ByteSearch.commonPrefix(node - prefix, key, offset + at, Math.min(prefix, depth - at));
            if (common < prefix) {
                return besideNode(frame, parent, parentEdge, unit, at, common);
            }
            at += prefix;
            if (at == depth) {
                return atNode(frame, parent, parentEdge, unit);
            }
            int edge = key[offset + at] & 0xFF;
            int child = Nodes.find(node, header, edge);
            if (child == 0) {
                return belowNode(frame, parent, parentEdge, unit, edge, at);
            }
            parent = node;
            parentEdge = edge;
            unit = child;
            at++;
        }
    }

    /** The node is there. */
    private long atNode(long frame, long parent, int parentEdge, int unit) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int group = groupOfSpan(frame, node, header);
        if (group == Nodes.NONE) {
            return Signal.of(Signal.FOUND, unit);
        }
        int absent = 0;
        for (byte edge : edges) {
            absent += Nodes.find(node, header, edge & 0xFF) == 0 ? 1 : 0;
        }
        int type = InnerNode.typeFor(InnerNode.children(header) + absent);
        boolean grows = type > InnerNode.type(header);
        if (!hasRoom(frame, Crossing.UNITS + (grows ? Links.resizedUnits(header, type) : 0))) {
            return Signal.of(Signal.FULL, 0);
        }
        if (!grows) {
            Links.mark(frame, node);
        }
        long roomy = grows ? Nodes.address(frame, Links.resize(frame, parent, parentEdge, unit, type)) : node;
        if (group == 0) {
            addEdges(frame, roomy);
            return Signal.of(Signal.INSERTED, 0);
        }
        for (byte edge : edges) {
            if (Nodes.find(roomy, Memory.getLong(roomy), edge & 0xFF) == 0) {
                Nodes.add(roomy, edge & 0xFF, group);
            }
        }
        long crossing = Nodes.address(frame, group);
        Crossing.addEdges(crossing, absent);
        PageEpochs.mark(frame, crossing, Crossing.UNITS * FrameHeader.UNIT_BYTES);
        return Signal.of(Signal.CROSS, Crossing.blobId(Memory.getLong(crossing)));
    }

    /**
     * The crossing that has the edges from the first to the last of these that are there, which lead to no record, or
     * else those on both sides; these belong to it then, for its edges lie side by side. 0 if there is none; NONE if
     * there are edges of others.
     */
    private int groupOfSpan(long frame, long node, long header) {
        int group = 0;
        int p = Nodes.ceiling(node, header, first());
        for (; p != Nodes.NONE && Nodes.keyAt(node, header, p) <= last(); p = Nodes.next(node, header, p)) {
            int child = Nodes.childAt(node, header, p);
            boolean isOther = group != 0 && child != group;
            if (isOther || Memory.getUnsignedByte(Nodes.address(frame, child)) != NodeType.CROSSING) {
                return Nodes.NONE;
            }
            group = child;
        }
        return group != 0 ? group : ArtInsert.groupAround(frame, node, header, first());
    }

    private int first() {
        return edges[0] & 0xFF;
    }

    private int last() {
        return edges[edges.length - 1] & 0xFF;
    }

    /** The path parts from a node that is there, where it has no such edge. */
    private long belowNode(long frame, long parent, int parentEdge, int unit, int edge, int at) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        if (ArtInsert.groupBeside(frame, node, header, edge) != 0) {
            return ArtInsert.addEdge(frame, parent, parentEdge, unit, edge, key, offset, depth, 0, 0);
        }
        int type = InnerNode.typeFor(InnerNode.children(header) + 1);
        boolean grows = type > InnerNode.type(header);
        if (!hasRoom(frame, hangerUnits(at + 1) + (grows ? Links.resizedUnits(header, type) : 0))) {
            return Signal.of(Signal.FULL, 0);
        }
        if (!grows) {
            Links.mark(frame, node);
        }
        long roomy = grows ? Nodes.address(frame, Links.resize(frame, parent, parentEdge, unit, type)) : node;
        int hanger = newHanger(frame, at + 1);
        Nodes.add(roomy, edge, hanger);
        return Signal.of(Signal.INSERTED, hanger);
    }

    /** The path parts from a node's prefix, or ends in it, after {@code common} bytes. */
    private long besideNode(long frame, long parent, int parentEdge, int unit, int at, int common) {
        long node = Nodes.address(frame, unit);
        int prefix = InnerNode.prefixBytes(Memory.getLong(node));
        int edge = Memory.getUnsignedByte(node - prefix + common);
        if (at + common == depth && isWithin(edge)) {
            return Signal.of(Signal.FOUND, unit);
        }
        if (!hasRoom(frame, forkUnits(at, common))) {
            return Signal.of(Signal.FULL, 0);
        }
        int forkUnit = newFork(frame, at, common);
        Links.shortenPrefix(frame, unit, common + 1);
        Nodes.add(Nodes.address(frame, forkUnit), edge, unit);
        return link(frame, parent, parentEdge, forkUnit, at + common);
    }

    private long besideLeaf(long frame, long parent, int parentEdge, int unit, int at) {
        long leaf = Nodes.address(frame, unit);
        long header = Memory.getLong(leaf);
        int base = FrameHeader.basePathBytes(frame);
        int leafKeyBytes = Leaf.keyBytes(header) + base;
        long rest = Leaf.key(leaf, header) + (at - base);
        int common = ByteSearch.commonPrefix(rest, key, offset + at, Math.min(leafKeyBytes, depth) - at);
        boolean ends = leafKeyBytes == at + common;
        if (at + common == depth && !ends && isWithin(Memory.getUnsignedByte(rest + common))) {
            return Signal.of(Signal.FOUND, unit);
        }
        if (!hasRoom(frame, forkUnits(at, common))) {
            return Signal.of(Signal.FULL, 0);
        }
        int forkUnit = newFork(frame, at, common);
        long fork = Nodes.address(frame, forkUnit);
        if (ends) {
            InnerNode.terminal(fork, unit);
        } else {
            Nodes.add(fork, Memory.getUnsignedByte(rest + common), unit);
        }
        return link(frame, parent, parentEdge, forkUnit, at + common);
    }

    /** Hangs the edges on a fork, or below it, and the fork on its parent. */
    private long link(long frame, long parent, int parentEdge, int forkUnit, int forkDepth) {
        long fork = Nodes.address(frame, forkUnit);
        if (forkDepth == depth) {
            addEdges(frame, fork);
        } else {
            Nodes.add(fork, key[offset + forkDepth] & 0xFF, newHanger(frame, forkDepth + 1));
        }
        Links.link(frame, parent, parentEdge, forkUnit);
        return Signal.of(Signal.INSERTED, forkUnit);
    }

    /** Whether an edge that is there is among these or between them. */
    private boolean isWithin(int edge) {
        return first() <= edge && edge <= last();
    }

    private static boolean hasRoom(long frame, int units) {
        return (long) units * FrameHeader.UNIT_BYTES <= FrameHeader.gapBytes(frame);
    }

    private int forkUnits(int at, int common) {
        int fork = InnerNode.prefixUnits(common)
                + InnerNode.bodyUnits(at + common == depth ? InnerNode.typeFor(edges.length + 1) : NodeType.NODE4);
        return fork + (at + common == depth ? Crossing.UNITS : hangerUnits(at + common + 1));
    }

    private int newFork(long frame, int at, int common) {
        int type = at + common == depth ? InnerNode.typeFor(edges.length + 1) : NodeType.NODE4;
        int unit = Links.newNode(frame, type, common, 0);
        Memory.copyFromArray(key, offset + at, Nodes.address(frame, unit) - common, common);
        return unit;
    }

    private int hangerUnits(int above) {
        return InnerNode.prefixUnits(depth - above)
                + InnerNode.bodyUnits(InnerNode.typeFor(edges.length))
                + Crossing.UNITS;
    }

    /** A node with the edges, whose prefix starts at a depth. */
    private int newHanger(long frame, int above) {
        int prefix = depth - above;
        int unit = Links.newNode(frame, InnerNode.typeFor(edges.length), prefix, 0);
        long node = Nodes.address(frame, unit);
        Memory.copyFromArray(key, offset + above, node - prefix, prefix);
        addEdges(frame, node);
        return unit;
    }

    private void addEdges(long frame, long node) {
        int crossing = FrameAllocator.allocateInner(frame, Crossing.UNITS);
        Memory.putLong(Nodes.address(frame, crossing), Crossing.header(edges.length, blobId));
        FrameHeader.addCrossings(frame, 1);
        for (byte edge : edges) {
            Nodes.add(node, edge & 0xFF, crossing);
        }
    }
}
