package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * Takes records and subtrees out of one frame, under its exclusive latch (I1).
 *
 * <p>Never fails for lack of room: a node that could be smaller, or be joined with its only child, stays as it is
 * when the frame has no place for its successor.
 */
public final class ArtErase {

    /** Hears of each value frame list and each child frame that a removed subtree referred to. */
    public interface Orphans {
        /** A child frame that nothing refers to any more, with all below it. */
        void frame(int blobId);

        /** A leaf with a large value; its value frames are nobody's now. */
        void largeLeaf(long leaf, long header);
    }

    private ArtErase() {}

    /**
     * Removes a key.
     *
     * @return ERASED with the number of the root's edges left; CROSS with a blob id; ABSENT; LARGE with the leaf,
     *     unless {@code evenLarge}, if the value lies in value frames
     */
    public static long erase(long frame, byte[] key, int offset, int bytes, boolean evenLarge) {
        long grandparent = Links.ROOT;
        int grandparentEdge = 0;
        int parentUnit = 0;
        int edge = 0;
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
                if (!ArtLookup.leafHas(frame, node, header, key, offset, bytes, depth)) {
                    return Signal.of(Signal.ABSENT, 0);
                }
                if (Leaf.isLarge(header) && !evenLarge) {
                    return Signal.of(Signal.LARGE, unit);
                }
                if (removeLeaf(frame, grandparent, grandparentEdge, parentUnit, edge, unit)) {
                    ArtShrink.along(frame, key, offset, bytes);
                }
                return erased(frame);
            }
            int prefix = InnerNode.prefixBytes(header);
            if (depth + prefix > bytes || !ByteSearch.equal(node - prefix, key, offset + depth, prefix)) {
                return Signal.of(Signal.ABSENT, 0);
            }
            depth += prefix;
            if (depth == bytes) {
                int terminal = InnerNode.terminal(header);
                if (terminal == 0) {
                    return Signal.of(Signal.ABSENT, 0);
                }
                long above = parentUnit == 0 ? Links.ROOT : Nodes.address(frame, parentUnit);
                if (!evenLarge && Leaf.isLarge(Memory.getLong(Nodes.address(frame, terminal)))) {
                    return Signal.of(Signal.LARGE, terminal);
                }
                if (removeLeaf(frame, above, edge, unit, Links.TERMINAL, terminal)) {
                    ArtShrink.along(frame, key, offset, bytes);
                }
                return erased(frame);
            }
            grandparent = parentUnit == 0 ? Links.ROOT : Nodes.address(frame, parentUnit);
            grandparentEdge = edge;
            parentUnit = unit;
            edge = key[offset + depth] & 0xFF;
            unit = Nodes.find(node, header, edge);
            if (unit == 0) {
                return Signal.of(Signal.ABSENT, 0);
            }
            depth++;
        }
    }

    /** Whether all that is in this frame and below starts with a prefix; not told of a frame with one record. */
    public static boolean coversAll(long frame, byte[] prefix) {
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        while (unit != 0) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            if (!NodeType.isInner(InnerNode.type(header))) {
                return false;
            }
            int path = InnerNode.prefixBytes(header);
            int comparable = Math.min(path, prefix.length - depth);
            if (!ByteSearch.equal(node - path, prefix, depth, comparable)) {
                return false;
            }
            depth += path;
            if (depth >= prefix.length) {
                return true;
            }
            if (InnerNode.children(header) != 1 || InnerNode.terminal(header) != 0) {
                return false;
            }
            unit = Nodes.find(node, header, prefix[depth] & 0xFF);
            depth++;
        }
        return false;
    }

    /** Whether {@link #erasePrefix} would change the frame. */
    public static boolean findsPrefix(long frame, byte[] prefix) {
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        while (unit != 0) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (type == NodeType.CROSSING) {
                return false;
            }
            if (type == NodeType.LEAF) {
                return startsWith(frame, node, header, prefix, depth);
            }
            int path = InnerNode.prefixBytes(header);
            int comparable = Math.min(path, prefix.length - depth);
            if (!ByteSearch.equal(node - path, prefix, depth, comparable)) {
                return false;
            }
            depth += path;
            if (depth >= prefix.length) {
                return InnerNode.children(header) > 0 || InnerNode.terminal(header) != 0;
            }
            unit = Nodes.find(node, header, prefix[depth] & 0xFF);
            depth++;
        }
        return false;
    }

    /** Whether a leaf's key, which agrees with a prefix up to a depth, has all of it. */
    private static boolean startsWith(long frame, long leaf, long header, byte[] prefix, int depth) {
        int base = FrameHeader.basePathBytes(frame);
        return Leaf.keyBytes(header) + base >= prefix.length
                && ByteSearch.equal(Leaf.key(leaf, header) + (depth - base), prefix, depth, prefix.length - depth);
    }

    /**
     * Unhooks everything in this frame whose key starts with a prefix.
     *
     * @return ERASED with the number of the root's edges left; CROSS with the blob id of the child frame that holds
     *     all there is; ABSENT
     */
    public static long erasePrefix(long frame, byte[] prefix, Orphans orphans) {
        long grandparent = Links.ROOT;
        int grandparentEdge = 0;
        int parentUnit = 0;
        int edge = 0;
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        boolean isAll = true;
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (type == NodeType.CROSSING) {
                // The crossing's edge may be one of several: only the child's root tells which records are meant.
                return Signal.of(Signal.CROSS, Crossing.blobId(header));
            }
            boolean below;
            if (type == NodeType.LEAF) {
                if (!startsWith(frame, node, header, prefix, depth)) {
                    return Signal.of(Signal.ABSENT, 0);
                }
                below = true;
            } else {
                int path = InnerNode.prefixBytes(header);
                int comparable = Math.min(path, prefix.length - depth);
                if (!ByteSearch.equal(node - path, prefix, depth, comparable)) {
                    return Signal.of(Signal.ABSENT, 0);
                }
                below = depth + path >= prefix.length;
                depth += path;
            }
            if (below) {
                if (isAll) {
                    clearRoot(frame, orphans);
                } else if (unhook(frame, grandparent, grandparentEdge, parentUnit, edge, unit, orphans)) {
                    ArtShrink.along(frame, prefix, 0, prefix.length);
                }
                return erased(frame);
            }
            isAll &= InnerNode.children(header) == 1 && InnerNode.terminal(header) == 0;
            grandparent = parentUnit == 0 ? Links.ROOT : Nodes.address(frame, parentUnit);
            grandparentEdge = edge;
            parentUnit = unit;
            edge = prefix[depth] & 0xFF;
            unit = Nodes.find(node, header, edge);
            if (unit == 0) {
                return Signal.of(Signal.ABSENT, 0);
            }
            depth++;
        }
    }

    /**
     * Removes every edge that refers to the crossing to a child frame, which is empty.
     *
     * @param path key bytes that lead to the child's root
     * @return ERASED with the number of the root's edges left, or ABSENT if there is no such crossing
     */
    public static long eraseCrossing(long frame, byte[] path, int depthOfChild, int blobId) {
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            if (!NodeType.isInner(InnerNode.type(header))) {
                return Signal.of(Signal.ABSENT, 0);
            }
            depth += InnerNode.prefixBytes(header);
            if (depth > depthOfChild) {
                return Signal.of(Signal.ABSENT, 0);
            }
            if (depth == depthOfChild) {
                return removeCrossing(frame, unit, blobId, path, depth);
            }
            unit = Nodes.find(node, header, path[depth] & 0xFF);
            if (unit == 0) {
                return Signal.of(Signal.ABSENT, 0);
            }
            depth++;
        }
    }

    private static long removeCrossing(long frame, int unit, int blobId, byte[] path, int depth) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int crossing = 0;
        int position = Nodes.ceiling(node, header, 0);
        while (position != Nodes.NONE) {
            int key = Nodes.keyAt(node, header, position);
            int child = Nodes.childAt(node, header, position);
            long childHeader = Memory.getLong(Nodes.address(frame, child));
            if (InnerNode.type(childHeader) == NodeType.CROSSING && Crossing.blobId(childHeader) == blobId) {
                crossing = child;
                Nodes.remove(node, key);
                header = Memory.getLong(node);
            }
            position = Nodes.ceiling(node, header, key + 1);
        }
        if (crossing == 0) {
            return Signal.of(Signal.ABSENT, 0);
        }
        FrameHeader.addCrossings(frame, -1);
        FrameAllocator.freeInner(frame, crossing, Crossing.UNITS);
        ArtShrink.along(frame, path, 0, depth);
        return erased(frame);
    }

    /** Answers whether a node went with the leaf, so that the one above lost an edge, too. */
    private static boolean removeLeaf(
            long frame, long grandparent, int grandparentEdge, int parentUnit, int edge, int leafUnit) {
        int units = Leaf.units(Memory.getLong(Nodes.address(frame, leafUnit)));
        detach(frame, Nodes.address(frame, parentUnit), edge);
        FrameAllocator.freeLeaf(frame, leafUnit, units);
        FrameHeader.addRecords(frame, -1);
        return ArtShrink.afterRemoval(frame, grandparent, grandparentEdge, parentUnit);
    }

    /** Answers whether a node went with the subtree, so that the one above lost an edge, too. */
    private static boolean unhook(
            long frame, long grandparent, int grandparentEdge, int parentUnit, int edge, int unit, Orphans orphans) {
        detach(frame, Nodes.address(frame, parentUnit), edge);
        freeSubtree(frame, unit, orphans);
        return ArtShrink.afterRemoval(frame, grandparent, grandparentEdge, parentUnit);
    }

    /** The root stays a node, without edges. What goes as a whole is not freed piece by piece. */
    private static void clearRoot(long frame, Orphans orphans) {
        ArtOrphans.collect(frame, orphans);
        FrameHeader.addRecords(frame, -FrameHeader.records(frame));
        FrameHeader.addCrossings(frame, -FrameHeader.crossings(frame));
        ArtFrame.clear(frame);
    }

    private static void detach(long frame, long node, int edge) {
        Links.mark(frame, node);
        if (edge == Links.TERMINAL) {
            InnerNode.terminal(node, 0);
        } else {
            Nodes.remove(node, edge);
        }
    }

    /** Frees a subtree's blocks. A crossing is freed with its last edge. Depth: at most about 1,000 levels a frame. */
    static void freeSubtree(long frame, int unit, Orphans orphans) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            freeLeaf(frame, unit, header, orphans);
            return;
        }
        if (type == NodeType.CROSSING) {
            if (Crossing.edges(header) > 1) {
                Crossing.addEdges(node, -1);
                return;
            }
            orphans.frame(Crossing.blobId(header));
            FrameHeader.addCrossings(frame, -1);
            FrameAllocator.freeInner(frame, unit, Crossing.UNITS);
            return;
        }
        boolean leaves = hasOnlyLeaves(frame, node, header);
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int child = Nodes.childAt(node, header, p);
            if (leaves) {
                freeLeaf(frame, child, Memory.getLong(Nodes.address(frame, child)), orphans);
            } else {
                freeSubtree(frame, child, orphans);
            }
        }
        if (InnerNode.terminal(header) != 0) {
            freeSubtree(frame, InnerNode.terminal(header), orphans);
        }
        FrameAllocator.freeInner(frame, Nodes.blockUnit(unit, header), Nodes.blockUnits(header));
    }

    /** Asked of all children in a row: their cache misses are waited for together. */
    private static boolean hasOnlyLeaves(long frame, long node, long header) {
        long types = 0;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            types |= Memory.getLong(Nodes.address(frame, Nodes.childAt(node, header, p)));
        }
        return InnerNode.type(types) == NodeType.LEAF;
    }

    private static void freeLeaf(long frame, int unit, long header, Orphans orphans) {
        if (Leaf.isLarge(header)) {
            orphans.largeLeaf(Nodes.address(frame, unit), header);
        }
        FrameHeader.addRecords(frame, -1);
        FrameAllocator.freeLeaf(frame, unit, Leaf.units(header));
    }

    private static long erased(long frame) {
        long root = Memory.getLong(Nodes.address(frame, FrameHeader.rootUnit(frame)));
        int left = InnerNode.children(root) + (InnerNode.terminal(root) != 0 ? 1 : 0);
        return Signal.of(Signal.ERASED, left);
    }
}
