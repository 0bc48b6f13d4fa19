package io.holt.internal.art;

import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/**
 * The edges of one node as a split sees them: runs of edges that must stay together (one edge, or all that share a
 * crossing), with the units and crossings below each. Reused from split to split.
 */
final class SplitItems {

    /** Which items a group may have: none with a crossing below, none that is a crossing itself, or any. */
    static final int CLEAR = 0;

    static final int INDIRECT = 1;
    static final int ANY = 2;

    private final int[] low = new int[256];
    private final int[] high = new int[256];
    private final int[] child = new int[256];
    private final long[] units = new long[256];
    private final int[] crosses = new int[256];
    private int count;
    private int groupFirst;
    private int groupLast;

    /** Lists and measures the edges of a node. */
    void collect(SubtreeUnits sizes, int unit) {
        list(sizes.frame(), unit);
        measure(sizes);
    }

    /** Lists the edges of a node; nothing is known of their sizes. */
    void list(long frame, int unit) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        count = 0;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int key = Nodes.keyAt(node, header, p);
            int to = Nodes.childAt(node, header, p);
            if (count > 0 && child[count - 1] == to) {
                high[count - 1] = key;
                continue;
            }
            low[count] = key;
            high[count] = key;
            child[count] = to;
            count++;
        }
    }

    /** Measures the listed edges. */
    void measure(SubtreeUnits sizes) {
        for (int i = 0; i < count; i++) {
            units[i] = sizes.of(child[i]);
            crosses[i] = !sizes.crosses(child[i]) ? CLEAR : isCrossing(sizes.frame(), child[i]) ? ANY : INDIRECT;
        }
    }

    /**
     * First item of a right part of listed edges, 1 or more, such that it is as near as can be to so many units.
     * Measures no more than that part and the item before it.
     */
    int cutFromEnd(SubtreeUnits sizes, long wanted) {
        int best = count - 1;
        long bestDistance = Long.MAX_VALUE;
        long right = 0;
        for (int i = count - 1; i >= 1 && right < wanted; i--) {
            units[i] = sizes.of(child[i]);
            right += units[i];
            long distance = Math.abs(right - wanted);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = i;
            }
        }
        return best;
    }

    /** Units of the items from one on. */
    long unitsFrom(int item) {
        long sum = 0;
        for (int i = item; i < count; i++) {
            sum += units[i];
        }
        return sum;
    }

    int count() {
        return count;
    }

    int low(int item) {
        return low[item];
    }

    int high(int item) {
        return high[item];
    }

    int child(int item) {
        return child[item];
    }

    int groupFirst() {
        return groupFirst;
    }

    int groupLast() {
        return groupLast;
    }

    /** Units of all items together. */
    long units() {
        return unitsBefore(count);
    }

    /** Units of the items before one. */
    long unitsBefore(int item) {
        long sum = 0;
        for (int i = 0; i < item; i++) {
            sum += units[i];
        }
        return sum;
    }

    /** First item of the right part, 1 or more, such that the left part is as near as can be to so many units. */
    int cutNear(long wanted) {
        int best = 1;
        long bestDistance = Long.MAX_VALUE;
        long left = 0;
        for (int i = 1; i < count; i++) {
            left += units[i - 1];
            long distance = Math.abs(left - wanted);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = i;
            }
        }
        return best;
    }

    long units(int item) {
        return units[item];
    }

    /**
     * Chooses the run of items that is nearest to so many units.
     *
     * @param crossings which items it may have: {@link #CLEAR}, {@link #INDIRECT} or {@link #ANY}
     * @return its units, or -1 if there is none
     */
    long chooseGroup(long wanted, int crossings, boolean allOfThem) {
        long bestDistance = Long.MAX_VALUE;
        long bestUnits = -1;
        for (int first = 0; first < count; first++) {
            long sum = 0;
            for (int last = first; last < count && crosses[last] <= crossings; last++) {
                sum += units[last];
                long distance = Math.abs(sum - wanted);
                boolean allowed = allOfThem || last - first + 1 < count;
                if (allowed && distance < bestDistance) {
                    bestDistance = distance;
                    bestUnits = sum;
                    groupFirst = first;
                    groupLast = last;
                }
            }
        }
        return bestUnits;
    }

    /**
     * Chooses the last items, as many as have no crossing.
     *
     * @return their units, or -1 if there is none
     */
    long chooseLast(boolean allOfThem) {
        long sum = -1;
        for (int first = count - 1; first >= (allOfThem ? 0 : 1) && crosses[first] == CLEAR; first--) {
            sum = Math.max(0, sum) + units[first];
            groupFirst = first;
            groupLast = count - 1;
        }
        return sum;
    }

    private static boolean isCrossing(long frame, int unit) {
        return InnerNode.type(Memory.getLong(Nodes.address(frame, unit))) == NodeType.CROSSING;
    }
}
