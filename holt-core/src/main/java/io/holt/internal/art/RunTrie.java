package io.holt.internal.art;

import java.util.Arrays;

/**
 * The nodes that the keys of a sorted run have in common, and the groups of their edges that were given frames of
 * their own. Filled from the leaves up.
 *
 * <p>What hangs on a node is an <em>item</em>: a record, a node, or a group. An item's reference is its number and, in
 * the two lowest bits, its kind.
 */
final class RunTrie {

    static final int RECORD = 0;
    static final int NODE = 1;
    static final int GROUP = 2;

    private int[] depth = new int[256];
    private int[] firstItem = new int[256];
    private int[] items = new int[256];
    private int[] edges = new int[256];
    private int nodes;

    private int[] reference = new int[1024];
    private int[] record = new int[1024];
    private int listed;

    private int[] groupBlobId = new int[16];
    private byte[][] groupEdges = new byte[16][];
    private int groups;

    void clear() {
        nodes = 0;
        listed = 0;
        groups = 0;
    }

    static int kind(int reference) {
        return reference & 3;
    }

    static int number(int reference) {
        return reference >>> 2;
    }

    static int reference(int kind, int number) {
        return number << 2 | kind;
    }

    /** Starts a node that so many edges lead on from; its items follow by {@link #list}. */
    int addNode(int atDepth, int edgeCount) {
        if (nodes == depth.length) {
            depth = Arrays.copyOf(depth, 2 * nodes);
            firstItem = Arrays.copyOf(firstItem, 2 * nodes);
            items = Arrays.copyOf(items, 2 * nodes);
            edges = Arrays.copyOf(edges, 2 * nodes);
        }
        depth[nodes] = atDepth;
        edges[nodes] = edgeCount;
        firstItem[nodes] = listed;
        items[nodes] = 0;
        return nodes++;
    }

    int lastNode() {
        return nodes - 1;
    }

    /** Hangs an item on the node that was added last; in ascending order. */
    void list(int itemReference, int firstRecord) {
        if (listed == reference.length) {
            reference = Arrays.copyOf(reference, 2 * listed);
            record = Arrays.copyOf(record, 2 * listed);
        }
        reference[listed] = itemReference;
        record[listed] = firstRecord;
        listed++;
        items[nodes - 1]++;
    }

    /** All edges of a node lead to a group from now on. */
    void replaceEdges(int node, boolean hasTerminal, int group) {
        int place = firstItem[node] + (hasTerminal ? 1 : 0);
        reference[place] = reference(GROUP, group);
        items[node] = place + 1 - firstItem[node];
    }

    int addGroup(int blobId, byte[] edgeBytes) {
        if (groups == groupBlobId.length) {
            groupBlobId = Arrays.copyOf(groupBlobId, 2 * groups);
            groupEdges = Arrays.copyOf(groupEdges, 2 * groups);
        }
        groupBlobId[groups] = blobId;
        groupEdges[groups] = edgeBytes;
        return groups++;
    }

    /** Key bytes above a node's edges. */
    int depth(int node) {
        return depth[node];
    }

    /** How many edges a node has. */
    int edges(int node) {
        return edges[node];
    }

    /** The place of a node's first item in the list of all. */
    int firstItem(int node) {
        return firstItem[node];
    }

    /** The place behind a node's last item. */
    int endOfItems(int node) {
        return firstItem[node] + items[node];
    }

    int referenceAt(int place) {
        return reference[place];
    }

    /** The first record below an item. */
    int recordAt(int place) {
        return record[place];
    }

    int blobId(int group) {
        return groupBlobId[group];
    }

    /** Key bytes of the edges that lead to a group's frame, ascending. */
    byte[] groupEdges(int group) {
        return groupEdges[group];
    }
}
