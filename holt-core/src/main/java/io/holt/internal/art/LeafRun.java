package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Node16;
import io.holt.internal.layout.Node256;
import io.holt.internal.layout.Node4;
import io.holt.internal.layout.Node48;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/**
 * References to leaves of one frame, in the order of a scan. They are found in the inner nodes alone: a reference at or
 * behind the start of the leaves is to a leaf. So the leaves themselves are loaded later and all in a row, loads that
 * do not wait for each other. Latency-critical: no allocation once the array has grown.
 *
 * <p>May run beside a writer, as {@link ArtScan}: whatever is read, the run ends and references stay in the frame.
 */
final class LeafRun {

    /** Levels and nodes after which what is read can only be torn. */
    static final int MAX_LEVELS = 4096;

    private static final int MAX_NODES = 200_000;
    private static final int INDEX_BYTES = 256;

    private int[] units = new int[16];
    private int count;

    /** So many of the leaves were copied. */
    private int taken;

    private int most;
    private long frame;
    private int leafUnit;
    private int nodesLeft;

    /** Forgets all leaves; takes up to so many of this frame. */
    void start(long frameAddress, int mostLeaves) {
        if (mostLeaves > units.length) {
            units = new int[mostLeaves];
        }
        count = 0;
        taken = 0;
        most = mostLeaves;
        frame = frameAddress;
        leafUnit = FrameHeader.leafStart(frameAddress) >>> FrameHeader.UNIT_SHIFT;
        nodesLeft = MAX_NODES;
    }

    int count() {
        return count;
    }

    int[] units() {
        return units;
    }

    int taken() {
        return taken;
    }

    void taken(int leaves) {
        taken = leaves;
    }

    boolean isTaken() {
        return taken == count;
    }

    /** Forgets all leaves but the first ones. */
    void keep(int leaves) {
        count = leaves;
    }

    long frame() {
        return frame;
    }

    boolean isLeaf(int unit) {
        return unit >= leafUnit;
    }

    /** Counts nodes, so that a walk over torn bytes ends. */
    boolean mayVisit(int level) {
        return --nodesLeft >= 0 && level <= MAX_LEVELS;
    }

    /** Takes a leaf; false if there is no room. */
    boolean add(int unit) {
        if (count == most) {
            return false;
        }
        units[count++] = unit;
        return true;
    }

    /** Takes the first leaf below a node, else as {@link #below}. */
    int firstBelow(int unit, boolean reverse, int level) {
        int room = most;
        if (count == room) {
            return ArtScan.CHUNK_FULL;
        }
        most = count + 1;
        int result = below(unit, reverse, level);
        most = room;
        return result == ArtScan.CHUNK_FULL ? ArtScan.GO_ON : result;
    }

    /** Takes all leaves below a node of a frame without crossings: GO_ON, CHUNK_FULL or TORN_FRAME of ArtScan. */
    int below(int unit, boolean reverse, int level) {
        if (!mayVisit(level)) {
            return ArtScan.TORN_FRAME;
        }
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int terminal = InnerNode.terminal(header);
        if (!reverse && terminal != 0 && !add(terminal)) {
            return ArtScan.CHUNK_FULL;
        }
        int result = switch (InnerNode.type(header)) {
            case NodeType.NODE4 ->
                belowSmall(
                        node + Node4.CHILDREN_OFFSET,
                        Math.min(InnerNode.children(header), Node4.CAPACITY),
                        reverse,
                        level);
            case NodeType.NODE16 ->
                belowSmall(
                        node + Node16.CHILDREN_OFFSET,
                        Math.min(InnerNode.children(header), Node16.CAPACITY),
                        reverse,
                        level);
            case NodeType.NODE48, NodeType.NODE256 -> belowLarge(node, header, reverse, level);
            default -> ArtScan.TORN_FRAME;
        };
        if (result == ArtScan.GO_ON && reverse && terminal != 0 && !add(terminal)) {
            return ArtScan.CHUNK_FULL;
        }
        return result;
    }

    private int belowSmall(long children, int edges, boolean reverse, int level) {
        long at = reverse ? children + 2L * (edges - 1) : children;
        long step = reverse ? -2 : 2;
        for (int i = 0; i < edges; i++, at += step) {
            int child = Memory.getUnsignedShort(at);
            if (isLeaf(child)) {
                if (!add(child)) {
                    return ArtScan.CHUNK_FULL;
                }
            } else {
                int result = below(child, reverse, level + 1);
                if (result != ArtScan.GO_ON) {
                    return result;
                }
            }
        }
        return ArtScan.GO_ON;
    }

    private int belowLarge(long node, long header, boolean reverse, int level) {
        boolean numbered = InnerNode.type(header) == NodeType.NODE48;
        for (int i = 0; i < INDEX_BYTES; i++) {
            int key = reverse ? INDEX_BYTES - 1 - i : i;
            int child;
            if (numbered) {
                int number = Memory.getUnsignedByte(node + Node48.INDEX_OFFSET + key);
                child = number == 0 ? 0 : Memory.getUnsignedShort(node + Node48.CHILDREN_OFFSET + 2L * (number - 1));
            } else {
                child = Memory.getUnsignedShort(node + Node256.CHILDREN_OFFSET + 2L * key);
            }
            if (child == 0) {
                continue;
            }
            if (isLeaf(child)) {
                if (!add(child)) {
                    return ArtScan.CHUNK_FULL;
                }
                continue;
            }
            int result = below(child, reverse, level + 1);
            if (result != ArtScan.GO_ON) {
                return result;
            }
        }
        return ArtScan.GO_ON;
    }
}
