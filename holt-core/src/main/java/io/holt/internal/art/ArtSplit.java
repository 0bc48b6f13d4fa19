package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * Divides a frame that overflows, in one of three ways.
 *
 * <p>Sibling: if the root's edges can be cut in two without leaving a frame nearly empty, the right ones move to a new
 * frame under the same parent node, as in a B+tree: paths get no longer. Lift: if the root has one
 * edge only, there is nothing to divide yet; the node below moves up into the parent frame and the frame is rooted
 * there, so that it can have siblings again. Move out: else a contiguous group of one node's edges moves to a child
 * frame of this one, see {@link GroupSearch}; so do, before anything else, records that a run of ascending keys left in
 * a frame above others.
 *
 * <p>An instance plans and carries out one split after another; it is used by one thread at a time, which holds the
 * frame's latch.
 */
public final class ArtSplit {

    /** What part moves to a sibling when records are appended at the right end; its place is for late ones. */
    private static final int APPENDED_PART = 32;

    /** A sibling has at least this part of the live bytes, unless it is about to be appended to. */
    private static final int SMALLEST_PART = 5;

    private static final int NO_RUN = Integer.MAX_VALUE;

    private final SplitItems items = new SplitItems();
    private byte[] path = new byte[256];
    private int depth;
    private int unit;
    private int low;
    private int high;
    private boolean appended;
    private Way way = Way.MOVE_OUT;

    /** How a frame is divided. */
    public enum Way {
        SIBLING,
        LIFT,
        MOVE_OUT
    }

    /** What was planned. */
    public Way way() {
        return way;
    }

    /**
     * Whether the key that overflowed the frame is beyond all others that are divided, so that what moves is about to
     * be appended to; not known for a frame that is lifted.
     */
    public boolean isAppended() {
        return appended;
    }

    /** The least key bytes that lead to an edge that moves. */
    public byte[] firstMoved() {
        byte[] first = java.util.Arrays.copyOf(path, depth + 1);
        first[depth] = (byte) low;
        return first;
    }

    /** First key byte of the edges that move; for a sibling all from here on. */
    public int low() {
        return low;
    }

    /**
     * Decides where to cut.
     *
     * @param key a key that leads through this frame and overflowed it
     * @param hasParent whether there is a parent frame
     */
    public void plan(long frame, byte[] key, int offset, int bytes, boolean hasParent) {
        int rootDepth = FrameHeader.rootDepth(frame);
        ensurePath(rootDepth);
        System.arraycopy(key, offset, path, 0, rootDepth);
        depth = rootDepth;
        unit = FrameHeader.rootUnit(frame);
        long live = FrameHeader.liveBytes(frame) / FrameHeader.UNIT_BYTES;
        SubtreeUnits sizes = new SubtreeUnits(frame);
        items.list(frame, unit);
        if (hasParent && items.count() == 1 && isInner(frame, items.child(0))) {
            way = Way.LIFT;
            return;
        }
        int runDepth = runDepth(frame, key, offset, bytes);
        GroupSearch search = new GroupSearch(sizes, live, !hasParent).alongRun(key, offset, bytes, runDepth);
        appended = runDepth <= rootDepth;
        if (!appended) {
            // Each node and leaf is measured and copied, in an order that their addresses do not have.
            Memory.bringNear(frame, FrameHeader.FRAME_BYTES);
        }
        boolean outgrown = appended && FrameHeader.crossings(frame) > 0;
        if (outgrown) {
            // What a run left in a frame above others moves down; then the next records of the run come here again.
            search.visit(unit, path, depth);
            appended = search.isRun();
        }
        boolean divisible = hasParent && items.count() > 1 && !(outgrown && appended);
        if (divisible && (appended ? planAppended(sizes, live) : planSibling(sizes, live))) {
            way = Way.SIBLING;
            return;
        }
        way = Way.MOVE_OUT;
        if (!outgrown) {
            search.visit(unit, path, depth);
            appended = search.isRun();
        }
        take(search);
    }

    private void take(GroupSearch search) {
        unit = search.unit();
        depth = search.depth();
        path = search.path();
        low = search.low();
        high = search.high();
    }

    /** Whether the root's edges can be cut in two without leaving a frame nearly empty. */
    private boolean planSibling(SubtreeUnits sizes, long live) {
        items.measure(sizes);
        long all = items.units();
        int cut = items.cutNear(all / 2);
        long left = items.unitsBefore(cut);
        low = items.low(cut);
        high = 255;
        return left >= live / SMALLEST_PART && all - left >= live / SMALLEST_PART;
    }

    /** As {@link #planSibling} for a frame that is appended to: only what moves is looked at. */
    private boolean planAppended(SubtreeUnits sizes, long live) {
        int cut = items.cutFromEnd(sizes, live / APPENDED_PART);
        low = items.low(cut);
        high = 255;
        return live - items.unitsFrom(cut) >= live / SMALLEST_PART;
    }

    /**
     * Carries out the plan: writes what stays to one fresh frame and what moves to another; the source is not changed.
     *
     * @param stays becomes the new content of the source's blob id
     * @param moves gets the blob id {@code movedBlobId}
     */
    public void divide(long frame, long stays, long moves, int movedBlobId) {
        ArtCompact.copyIdentity(frame, stays);
        new SubtreeCopier(frame, stays)
                .cutting(unit, low, high, way == Way.SIBLING ? 0 : movedBlobId)
                .copyRoot();
        copyMoving(frame, moves, movedBlobId);
    }

    private SubtreeCopier copyMoving(long frame, long moves, int movedBlobId) {
        FrameHeader.format(
                moves, FrameHeader.KIND_TREE, movedBlobId, FrameHeader.treeId(frame), FrameHeader.epoch(frame));
        FrameHeader.lsn(moves, FrameHeader.lsn(frame));
        FrameHeader.path(moves, path, depth);
        SubtreeCopier copier = new SubtreeCopier(frame, moves);
        copier.copyRangeAsRoot(unit, low, high);
        return copier;
    }

    /**
     * As {@link #divide} for a sibling, but what stays is left where it is: for a frame that is left behind by records
     * in ascending order. What moves becomes dead bytes there, or free ones if its leaves are the last that were
     * written. The caller holds the frame's latch, and has seen to snapshots.
     */
    public void divideInPlace(long frame, long moves, int movedBlobId) {
        assert way == Way.SIBLING;
        SubtreeCopier copier = copyMoving(frame, moves, movedBlobId);
        ArtDrop.edgesFrom(frame, unit, low, copier);
    }

    /** Whether the parent's frame has room for the crossing of a sibling. */
    public static boolean siblingFits(long parent) {
        return FrameAllocator.fits(parent, Crossing.UNITS, 0, 0);
    }

    /** In the parent's frame: the edges of a frame's group from {@code low} on now lead to its new sibling. */
    public void linkSibling(long parent, int blobId, int siblingBlobId) {
        int at = NodeAt.depth(parent, path, depth);
        long node = Nodes.address(parent, at);
        long header = Memory.getLong(node);
        int crossing = FrameAllocator.allocateInner(parent, Crossing.UNITS);
        FrameHeader.addCrossings(parent, 1);
        int moved = 0;
        long old = 0;
        for (int p = Nodes.ceiling(node, header, low); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            long child = Nodes.address(parent, Nodes.childAt(node, header, p));
            long childHeader = Memory.getLong(child);
            if (InnerNode.type(childHeader) == NodeType.CROSSING && Crossing.blobId(childHeader) == blobId) {
                Nodes.replace(node, Nodes.keyAt(node, header, p), crossing);
                old = child;
                moved++;
            }
        }
        assert moved > 0 : "no edge of blob " + blobId + " at or above " + low;
        Memory.putLong(Nodes.address(parent, crossing), Crossing.header(moved, siblingBlobId));
        Crossing.addEdges(old, -moved);
        assert Crossing.edges(Memory.getLong(old)) > 0 : "blob " + blobId + " lost its last edge";
    }

    private void ensurePath(int bytes) {
        if (bytes > path.length) {
            path = java.util.Arrays.copyOf(path, Math.max(bytes, 2 * path.length));
        }
    }

    private static boolean isInner(long frame, int child) {
        return NodeType.isInner(InnerNode.type(Memory.getLong(Nodes.address(frame, child))));
    }

    /**
     * From which depth on the nodes on a key's path have no greater key below them: the root's depth if the frame has
     * none, or {@link #NO_RUN}.
     */
    private static int runDepth(long frame, byte[] key, int offset, int bytes) {
        int at = FrameHeader.rootUnit(frame);
        int atDepth = FrameHeader.rootDepth(frame);
        int from = atDepth;
        while (true) {
            long node = Nodes.address(frame, at);
            long header = Memory.getLong(node);
            if (InnerNode.type(header) == NodeType.CROSSING) {
                return from;
            }
            if (InnerNode.type(header) == NodeType.LEAF) {
                int skipped = atDepth - FrameHeader.basePathBytes(frame);
                int rest = Leaf.keyBytes(header) - skipped;
                int order = ByteSearch.compare(
                        Leaf.key(node, header) + skipped, rest, key, offset + atDepth, bytes - atDepth);
                return order <= 0 ? from : NO_RUN;
            }
            int prefix = InnerNode.prefixBytes(header);
            int common =
                    ByteSearch.commonPrefix(node - prefix, key, offset + atDepth, Math.min(prefix, bytes - atDepth));
            if (common < prefix) {
                boolean isBeyond = atDepth + common < bytes
                        && (key[offset + atDepth + common] & 0xFF) > Memory.getUnsignedByte(node - prefix + common);
                return isBeyond ? from : NO_RUN;
            }
            atDepth += prefix;
            if (atDepth == bytes) {
                return InnerNode.children(header) == 0 ? from : NO_RUN;
            }
            int edge = key[offset + atDepth] & 0xFF;
            if (Nodes.ceiling(node, header, edge + 1) != Nodes.NONE) {
                from = atDepth + 1;
            }
            at = Nodes.find(node, header, edge);
            if (at == 0) {
                return from;
            }
            atDepth++;
        }
    }
}
