package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.memory.Memory;

/**
 * Moves edges of a frame that overflows to the frame of a neighbouring group under the same parent node, instead of
 * dividing it. Where keys are spread evenly all frames overflow at about the same time: divided, they would all be half
 * full then (I8).
 *
 * <p>An instance plans and carries out one shift; it is used by one thread at a time, which holds the latches of both
 * frames and of their parent's.
 */
public final class ArtShift {

    private final SplitItems items = new SplitItems();
    private boolean right;
    private int low;
    private int high;

    /**
     * The frame of the group of edges that adjoins another's, with no other edge between them.
     *
     * @param path key bytes above the frame's root
     * @param toTheRight whether on the side of greater keys
     * @return its blob id, or 0 if there is none on that side
     */
    public static int neighbour(long parent, byte[] path, int blobId, boolean toTheRight) {
        long node = Nodes.address(parent, NodeAt.depth(parent, path, path.length));
        long header = Memory.getLong(node);
        int before = 0;
        boolean passed = false;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int at = ArtMerge.blobBehind(parent, Nodes.childAt(node, header, p));
            if (at == blobId) {
                if (!toTheRight) {
                    return before;
                }
                passed = true;
            } else if (passed) {
                return at;
            }
            before = at;
        }
        return 0;
    }

    /**
     * Decides which edges move, so that both frames have about as many bytes.
     *
     * @param toTheRight whether the neighbour is on the side of greater keys
     * @return whether that makes enough room; else the frame is better divided
     */
    public boolean plan(long frame, long neighbour, boolean toTheRight) {
        right = toTheRight;
        items.collect(new SubtreeUnits(frame), FrameHeader.rootUnit(frame));
        if (items.count() < 2) {
            return false;
        }
        int wanted = (FrameHeader.liveBytes(frame) - FrameHeader.liveBytes(neighbour)) / 2 / FrameHeader.UNIT_BYTES;
        long all = items.units();
        int cut = items.cutNear(right ? all - wanted : wanted);
        long moved = right ? all - items.unitsBefore(cut) : items.unitsBefore(cut);
        low = right ? items.low(cut) : 0;
        high = right ? 255 : items.high(cut - 1);
        return moved >= wanted / 2 && moved <= wanted + wanted / 2;
    }

    /**
     * Carries out the plan: writes what stays to one fresh frame, the neighbour and what comes to it to another. In the
     * parent's frame the edges that moved lead to the neighbour.
     *
     * @param path key bytes above the frames' roots
     */
    public void shift(long parent, byte[] path, long frame, long neighbour, long stays, long grown) {
        Memory.bringNear(neighbour, FrameHeader.FRAME_BYTES);
        int root = FrameHeader.rootUnit(frame);
        ArtCompact.copyIdentity(frame, stays);
        new SubtreeCopier(frame, stays).cutting(root, low, high, 0).copyRoot();

        ArtCompact.copyIdentity(neighbour, grown);
        FrameHeader.lsn(grown, Math.max(FrameHeader.lsn(frame), FrameHeader.lsn(neighbour)));
        int edges = rootEdges(frame) - rootEdges(stays) + rootEdges(neighbour);
        int grownRoot = Links.newNode(grown, InnerNode.typeFor(edges), 0, 0);
        FrameHeader.rootUnit(grown, grownRoot);
        long node = Nodes.address(grown, grownRoot);
        if (right) {
            new SubtreeCopier(frame, grown).copyRootEdgesTo(node, low, high);
            new SubtreeCopier(neighbour, grown).copyRootEdgesTo(node, 0, 255);
        } else {
            new SubtreeCopier(neighbour, grown).copyRootEdgesTo(node, 0, 255);
            new SubtreeCopier(frame, grown).copyRootEdgesTo(node, low, high);
        }
        relink(parent, path, FrameHeader.blobId(frame), FrameHeader.blobId(neighbour));
    }

    private static int rootEdges(long frame) {
        return InnerNode.children(Memory.getLong(Nodes.address(frame, FrameHeader.rootUnit(frame))));
    }

    private void relink(long parent, byte[] path, int blobId, int neighbourBlobId) {
        long node = Nodes.address(parent, NodeAt.depth(parent, path, path.length));
        long header = Memory.getLong(node);
        int to = 0;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE && to == 0; p = Nodes.next(node, header, p)) {
            int child = Nodes.childAt(node, header, p);
            to = ArtMerge.blobBehind(parent, child) == neighbourBlobId ? child : 0;
        }
        int from = 0;
        int moved = 0;
        for (int p = Nodes.ceiling(node, header, low); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int key = Nodes.keyAt(node, header, p);
            int child = Nodes.childAt(node, header, p);
            if (key <= high && ArtMerge.blobBehind(parent, child) == blobId) {
                Nodes.replace(node, key, to);
                from = child;
                moved++;
            }
        }
        assert moved > 0 && to != 0 : "no edges of blob " + blobId + " beside blob " + neighbourBlobId;
        Crossing.addEdges(Nodes.address(parent, to), moved);
        Crossing.addEdges(Nodes.address(parent, from), -moved);
        assert Crossing.edges(Memory.getLong(Nodes.address(parent, from))) > 0 : "blob " + blobId + " has no edge left";
    }
}
