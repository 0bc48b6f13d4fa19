package io.holt.internal.art;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;

/** Walks over one frame that nobody changes and compares all that its header says with what is there. */
public final class FrameAudit {

    /** A child frame and the key bytes that lead to its root. */
    public static final class Child {
        private final int blobId;
        private final byte[] path;

        Child(int blobId, byte[] path) {
            this.blobId = blobId;
            this.path = path;
        }

        public int blobId() {
            return blobId;
        }

        public byte[] path() {
            return path;
        }
    }

    private final long frame;
    private final BitSet used = new BitSet();
    private final List<Child> children = new ArrayList<>();
    private final IntConsumer valueFrames;
    private int records;
    private long innerBytes;
    private long leafBytes;

    private FrameAudit(long frame, IntConsumer valueFrames) {
        this.frame = frame;
        this.valueFrames = valueFrames;
    }

    /**
     * Checks a frame.
     *
     * @param path key bytes above its root
     * @param valueFrames gets the blob ids of the frames of large values
     * @return its children
     */
    public static List<Child> check(long frame, int blobId, byte[] path, IntConsumer valueFrames) {
        FrameAudit audit = new FrameAudit(frame, valueFrames);
        assertThat(FrameHeader.blobId(frame)).isEqualTo(blobId);
        assertThat(FrameHeader.rootDepth(frame)).isEqualTo(path.length);
        int base = FrameHeader.basePathBytes(frame);
        assertThat(base).isEqualTo(Math.min(path.length, FrameHeader.MAX_BASE_PATH_BYTES));
        assertThat(bytes(FrameHeader.basePath(frame), base)).isEqualTo(Arrays.copyOf(path, base));
        audit.node(FrameHeader.rootUnit(frame), path, true);
        audit.freeLists();
        assertThat(FrameHeader.records(frame)).as("records").isEqualTo(audit.records);
        assertThat(FrameHeader.crossings(frame)).as("crossings").isEqualTo(audit.children.size());
        assertThat(FrameHeader.innerLive(frame)).as("live inner bytes").isEqualTo((int) audit.innerBytes);
        assertThat(FrameHeader.leafLive(frame)).as("live leaf bytes").isEqualTo((int) audit.leafBytes);
        assertThat(FrameHeader.gapBytes(frame)).isNotNegative();
        assertThat(FrameHeader.deadBytes(frame)).isNotNegative();
        return audit.children;
    }

    private void node(int unit, byte[] above, boolean root) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int prefix = InnerNode.prefixBytes(header);
        byte[] path = Arrays.copyOf(above, above.length + prefix);
        System.arraycopy(bytes(node - prefix, prefix), 0, path, above.length, prefix);
        take(Nodes.blockUnit(unit, header), Nodes.blockUnits(header), true);
        int terminal = InnerNode.terminal(header);
        if (root) {
            assertThat(prefix).as("prefix of the root").isZero();
            assertThat(terminal == 0 || path.length == 0)
                    .as("terminal of a child's root")
                    .isTrue();
        } else {
            assertThat(InnerNode.children(header) + (terminal == 0 ? 0 : 1)).isPositive();
        }
        if (terminal != 0) {
            leaf(terminal, path, true);
        }
        int edges = 0;
        int previous = 0;
        BitSet crossingsSeen = new BitSet();
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            edges++;
            int child = Nodes.childAt(node, header, p);
            if (child == previous) {
                continue;
            }
            previous = child;
            byte[] deeper = Arrays.copyOf(path, path.length + 1);
            deeper[path.length] = (byte) Nodes.keyAt(node, header, p);
            long childHeader = Memory.getLong(Nodes.address(frame, child));
            switch (InnerNode.type(childHeader)) {
                case NodeType.LEAF -> leaf(child, deeper, false);
                case NodeType.CROSSING -> {
                    take(child, Crossing.UNITS, true);
                    children.add(new Child(Crossing.blobId(childHeader), path));
                    assertThat(Crossing.edges(childHeader)).isEqualTo(run(node, header, p, child));
                    assertThat(crossingsSeen.get(Crossing.blobId(childHeader))).isFalse();
                    crossingsSeen.set(Crossing.blobId(childHeader));
                }
                default -> node(child, deeper, false);
            }
        }
        assertThat(edges).as("edges of a node").isEqualTo(InnerNode.children(header));
    }

    private static int run(long node, long header, int from, int child) {
        int length = 0;
        int p = from;
        while (p != Nodes.NONE && Nodes.childAt(node, header, p) == child) {
            length++;
            p = Nodes.next(node, header, p);
        }
        return length;
    }

    private void leaf(int unit, byte[] path, boolean terminal) {
        long leaf = Nodes.address(frame, unit);
        long header = Memory.getLong(leaf);
        assertThat(InnerNode.type(header)).isEqualTo(NodeType.LEAF);
        take(unit, Leaf.units(header), false);
        records++;
        if (Leaf.isLarge(header)) {
            assertThat(FrameHeader.hasOnlySmallValues(frame))
                    .as("the flag that there are only small values")
                    .isFalse();
            for (int i = 0; i < Leaf.largeParts(Leaf.valueBytes(header)); i++) {
                valueFrames.accept(Memory.getInt(Leaf.value(leaf, header) + 4L * i));
            }
        }
        int base = FrameHeader.basePathBytes(frame);
        byte[] rest = bytes(Leaf.key(leaf, header), Leaf.keyBytes(header));
        assertThat(Arrays.copyOf(rest, path.length - base)).isEqualTo(Arrays.copyOfRange(path, base, path.length));
        if (terminal) {
            assertThat(base + rest.length).isEqualTo(path.length);
        }
    }

    private void take(int unit, int units, boolean inner) {
        long from = (long) unit * FrameHeader.UNIT_BYTES;
        long to = from + (long) units * FrameHeader.UNIT_BYTES;
        long low = inner ? FrameHeader.PAGE_BYTES : FrameHeader.leafStart(frame);
        long high = inner ? FrameHeader.innerEnd(frame) : FrameHeader.FRAME_BYTES;
        assertThat(from).as("block within its region").isGreaterThanOrEqualTo(low);
        assertThat(to).as("block within its region").isLessThanOrEqualTo(high);
        assertThat(used.get(unit, unit + units).isEmpty())
                .as("block %s is used twice", unit)
                .isTrue();
        used.set(unit, unit + units);
        if (inner) {
            innerBytes += to - from;
        } else {
            leafBytes += to - from;
        }
    }

    private void freeLists() {
        long live = innerBytes + leafBytes;
        long inner = freeList(FrameHeader.INNER_LISTS_OFFSET, true);
        long leaves = freeList(FrameHeader.LEAF_LISTS_OFFSET, false);
        assertThat(Memory.getInt(frame + FrameHeader.INNER_FREE_OFFSET)).isEqualTo((int) inner);
        assertThat(Memory.getInt(frame + FrameHeader.LEAF_FREE_OFFSET)).isEqualTo((int) leaves);
        innerBytes -= inner;
        leafBytes -= leaves;
        assertThat(innerBytes + leafBytes).isEqualTo(live);
    }

    private long freeList(int lists, boolean inner) {
        long sum = 0;
        for (int units = 1; units < FrameHeader.FREE_LIST_CLASSES; units++) {
            int unit = Memory.getUnsignedShort(frame + lists + 2L * units);
            while (unit != 0) {
                take(unit, units, inner);
                sum += (long) units * FrameHeader.UNIT_BYTES;
                unit = Memory.getUnsignedShort(Nodes.address(frame, unit) + 2);
            }
        }
        return sum;
    }

    private static byte[] bytes(long address, int count) {
        byte[] bytes = new byte[count];
        Memory.copyToArray(address, bytes, 0, count);
        return bytes;
    }
}
