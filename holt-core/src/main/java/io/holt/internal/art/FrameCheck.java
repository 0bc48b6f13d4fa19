package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Checks one frame against every rule of its format: nodes within their regions and apart, edges in order, keys where
 * their path leads, counters exact. The frame is still. Used once.
 */
public final class FrameCheck {

    private static final int LEAF_TYPE = NodeType.LEAF;
    private static final int CROSSING_TYPE = NodeType.CROSSING;

    private final long frame;
    private final Finds finds;
    private final BitSet claimed = new BitSet();
    private final int hiddenBytes;
    private byte[] path = new byte[256];
    private int innerLive;
    private int leafLive;
    private int records;
    private int crossings;

    /** Gets what a frame refers to. */
    public interface Finds {

        /** A child frame; its root is at {@code depth} bytes of the key, of which {@code path} holds the first. */
        void child(int blobId, byte[] path, int depth);

        /** A value in value frames, by their blob ids. */
        void largeValue(int[] parts, int valueBytes);
    }

    /** What is wrong with a frame. */
    public static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        Fault(String message) {
            super(message);
        }
    }

    private FrameCheck(long frame, Finds finds) {
        this.frame = frame;
        this.finds = finds;
        this.hiddenBytes = FrameHeader.rootDepth(frame) - FrameHeader.basePathBytes(frame);
    }

    /**
     * Checks a frame of a tree, whose checksums are right.
     *
     * @throws Fault naming the first rule that it breaks
     */
    public static void check(long frame, Finds finds) throws Fault {
        new FrameCheck(frame, finds).check();
    }

    private void check() throws Fault {
        int innerEnd = FrameHeader.innerEnd(frame);
        int leafStart = FrameHeader.leafStart(frame);
        require(
                innerEnd >= FrameHeader.PAGE_BYTES && innerEnd <= leafStart && leafStart <= FrameHeader.FRAME_BYTES,
                "regions end at " + innerEnd + " and begin at " + leafStart);
        require(hiddenBytes >= 0, "a base path longer than the root is deep");
        visit(FrameHeader.rootUnit(frame), 0);
        require(innerLive == FrameHeader.innerLive(frame), "live inner bytes are " + innerLive);
        require(leafLive == FrameHeader.leafLive(frame), "live leaf bytes are " + leafLive);
        require(records == FrameHeader.records(frame), "there are " + records + " records");
        require(crossings == FrameHeader.crossings(frame), "there are " + crossings + " crossings");
    }

    /** Visits an inner node that lies behind so many bytes of path from the root on. */
    private void visit(int unit, int depth) throws Fault {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        require(
                type == NodeType.NODE4
                        || type == NodeType.NODE16
                        || type == NodeType.NODE48
                        || type == NodeType.NODE256,
                "unit " + unit + " should be an inner node, but its type is " + type);
        int block = Nodes.blockUnit(unit, header);
        int units = Nodes.blockUnits(header);
        claim(block, units, FrameHeader.PAGE_BYTES, FrameHeader.innerEnd(frame));
        innerLive += units * FrameHeader.UNIT_BYTES;
        int prefixBytes = InnerNode.prefixBytes(header);
        int below = depth + prefixBytes;
        room(below + 1);
        Memory.copyToArray(node - prefixBytes, path, depth, prefixBytes);
        if (InnerNode.terminal(header) != 0) {
            checkLeaf(InnerNode.terminal(header), below, true);
        }
        checkEdges(unit, node, header, below);
    }

    private void checkEdges(int unit, long node, long header, int depth) throws Fault {
        int edges = 0;
        int lastKey = -1;
        int previous = 0;
        int shared = 0;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int key = Nodes.keyAt(node, header, p);
            int child = Nodes.childAt(node, header, p);
            require(key > lastKey, "the edges of unit " + unit + " are out of order");
            lastKey = key;
            edges++;
            if (child == previous) {
                shared++;
                continue;
            }
            checkShared(previous, shared);
            previous = child;
            shared = 1;
            path[depth] = (byte) key;
            visitChild(child, depth);
        }
        checkShared(previous, shared);
        require(edges == InnerNode.children(header), "unit " + unit + " has " + edges + " edges");
    }

    private void checkShared(int unit, int edges) throws Fault {
        if (unit == 0) {
            return;
        }
        long header = Memory.getLong(Nodes.address(frame, unit));
        if (InnerNode.type(header) == CROSSING_TYPE) {
            require(Crossing.edges(header) == edges, "the crossing at unit " + unit + " has " + edges + " edges");
        } else {
            require(edges == 1, "unit " + unit + " is the child of " + edges + " edges, and no crossing");
        }
    }

    private void visitChild(int unit, int depth) throws Fault {
        require(unit != 0, "an edge leads nowhere");
        long header = Memory.getLong(Nodes.address(frame, unit));
        if (InnerNode.type(header) == LEAF_TYPE) {
            checkLeaf(unit, depth + 1, false);
        } else if (InnerNode.type(header) == CROSSING_TYPE) {
            claim(unit, Crossing.UNITS, FrameHeader.PAGE_BYTES, FrameHeader.innerEnd(frame));
            innerLive += Crossing.UNITS * FrameHeader.UNIT_BYTES;
            crossings++;
            int rootDepth = FrameHeader.rootDepth(frame) + depth;
            finds.child(Crossing.blobId(header), known(depth), rootDepth);
        } else {
            visit(unit, depth + 1);
        }
    }

    /** The known first bytes of a path: those of the base path, and if that is whole those behind it. */
    private byte[] known(int depth) {
        int baseBytes = FrameHeader.basePathBytes(frame);
        int more = hiddenBytes == 0 ? depth : 0;
        byte[] bytes = new byte[baseBytes + more];
        Memory.copyToArray(FrameHeader.basePath(frame), bytes, 0, baseBytes);
        System.arraycopy(path, 0, bytes, baseBytes, more);
        return bytes;
    }

    private void checkLeaf(int unit, int depth, boolean terminal) throws Fault {
        long leaf = Nodes.address(frame, unit);
        long header = Memory.getLong(leaf);
        require(InnerNode.type(header) == LEAF_TYPE, "unit " + unit + " should be a leaf");
        require(Leaf.valueBytes(header) >= 0, "a value of negative length at unit " + unit);
        int units = Leaf.units(header);
        claim(unit, units, FrameHeader.leafStart(frame), FrameHeader.FRAME_BYTES);
        leafLive += units * FrameHeader.UNIT_BYTES;
        records++;
        int keyBytes = Leaf.keyBytes(header);
        require(
                keyBytes >= hiddenBytes + depth && (!terminal || keyBytes == hiddenBytes + depth),
                "the key at unit " + unit + " is too short or too long for its place");
        byte[] key = new byte[depth];
        Memory.copyToArray(Leaf.key(leaf, header) + hiddenBytes, key, 0, depth);
        require(Arrays.equals(key, 0, depth, path, 0, depth), "the key at unit " + unit + " belongs elsewhere");
        if (Leaf.isLarge(header)) {
            require(
                    !FrameHeader.hasOnlySmallValues(frame),
                    "a large value at unit " + unit + ", and a flag against it");
            int[] parts = new int[Leaf.largeParts(Leaf.valueBytes(header))];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = Memory.getInt(Leaf.value(leaf, header) + 4L * i);
            }
            finds.largeValue(parts, Leaf.valueBytes(header));
        }
    }

    private void claim(int unit, int units, int from, int to) throws Fault {
        long start = (long) unit * FrameHeader.UNIT_BYTES;
        long end = start + (long) units * FrameHeader.UNIT_BYTES;
        require(start >= from && end <= to, "unit " + unit + " with " + units + " units leaves its region");
        int next = claimed.nextSetBit(unit);
        require(next < 0 || next >= unit + units, "unit " + unit + " overlaps with another block");
        claimed.set(unit, unit + units);
    }

    private void room(int bytes) {
        if (bytes > path.length) {
            path = Arrays.copyOf(path, Math.max(bytes, 2 * path.length));
        }
    }

    private static void require(boolean holds, String otherwise) throws Fault {
        if (!holds) {
            throw new Fault(otherwise);
        }
    }
}
