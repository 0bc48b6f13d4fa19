package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;

/**
 * Writes neighbouring edges of one node of a sorted run, with all below them, to a fresh frame: each node at once in
 * the type that it needs, leaves side by side in the order of their keys, nothing dead.
 */
final class RunFrame {

    private final SortedRun run;
    private final RunTrie trie;
    private long frame;
    private int base;
    private int innerEnd;
    private int leafStart;
    private int records;
    private int crossings;
    private long root;
    private int rootType;
    private int rootEdges;

    RunFrame(SortedRun run, RunTrie trie) {
        this.run = run;
        this.trie = trie;
    }

    /** Starts a frame, whose latch word is left as it is; its root is at a depth of a record's key. */
    void start(long address, int blobId, int treeId, long epoch, int record, int depth) {
        frame = address;
        FrameHeader.format(frame, FrameHeader.KIND_TREE, blobId, treeId, epoch);
        FrameHeader.path(frame, run.array(), run.keyOffset(record), depth);
        base = FrameHeader.basePathBytes(frame);
        innerEnd = FrameHeader.PAGE_BYTES;
        leafStart = FrameHeader.FRAME_BYTES;
        records = 0;
        crossings = 0;
    }

    /** Makes a root that gets so many edges. */
    void root(int edges) {
        rootType = InnerNode.typeFor(edges);
        int unit = newInner(InnerNode.bodyUnits(rootType));
        FrameHeader.rootUnit(frame, unit);
        root = Nodes.address(frame, unit);
        Nodes.format(root, rootType, 0, 0);
        rootEdges = 0;
    }

    /**
     * Writes an edge of the root, beyond all others, and the record or node it leads to.
     *
     * @param depth key bytes above that
     */
    void rootEdge(int edge, int reference, int firstRecord, int depth) {
        Nodes.append(root, rootType, rootEdges++, edge, item(reference, firstRecord, depth));
        InnerNode.children(root, rootEdges);
    }

    /** Makes a root with all edges of a node; returns their bytes. */
    byte[] rootLike(int node, boolean hasTerminal) {
        root(trie.edges(node));
        edges(root, rootType, node, trie.firstItem(node) + (hasTerminal ? 1 : 0));
        byte[] keys = new byte[trie.edges(node)];
        long header = Memory.getLong(root);
        int at = 0;
        for (int p = Nodes.ceiling(root, header, 0); p != Nodes.NONE; p = Nodes.next(root, header, p)) {
            keys[at++] = (byte) Nodes.keyAt(root, header, p);
        }
        return keys;
    }

    private int item(int reference, int firstRecord, int depth) {
        return RunTrie.kind(reference) == RunTrie.RECORD
                ? leaf(firstRecord)
                : inner(RunTrie.number(reference), firstRecord, depth);
    }

    /** Writes the counts to the header. */
    void end() {
        FrameHeader.innerEnd(frame, innerEnd);
        FrameHeader.leafStart(frame, leafStart);
        Memory.putInt(frame + FrameHeader.INNER_LIVE_OFFSET, innerEnd - FrameHeader.PAGE_BYTES);
        Memory.putInt(frame + FrameHeader.LEAF_LIVE_OFFSET, FrameHeader.FRAME_BYTES - leafStart);
        FrameHeader.addRecords(frame, records);
        FrameHeader.addCrossings(frame, crossings);
    }

    private int leaf(int record) {
        int keyBytes = run.keyBytes(record) - base;
        int valueBytes = run.valueBytes(record);
        leafStart -= Leaf.units(0, keyBytes, valueBytes) << FrameHeader.UNIT_SHIFT;
        checkRoom();
        long leaf = frame + leafStart;
        long header = Leaf.header(0, keyBytes, valueBytes);
        Memory.putLong(leaf, header);
        // In the run as in the leaf the value follows the key.
        Memory.copyFromArray(run.array(), run.keyOffset(record) + base, Leaf.key(leaf, header), keyBytes + valueBytes);
        records++;
        return leafStart >>> FrameHeader.UNIT_SHIFT;
    }

    /** At most about 1,000 levels deep, as {@link SubtreeCopier}. */
    private int inner(int node, int firstRecord, int above) {
        int depth = trie.depth(node);
        int prefix = depth - above;
        int prefixUnits = InnerNode.prefixUnits(prefix);
        int type = InnerNode.typeFor(trie.edges(node));
        int unit = newInner(prefixUnits + InnerNode.bodyUnits(type)) + prefixUnits;
        long address = Nodes.address(frame, unit);
        Nodes.format(address, type, prefix, 0);
        Memory.copyFromArray(run.array(), run.keyOffset(firstRecord) + above, address - prefix, prefix);
        int place = trie.firstItem(node);
        if (run.keyBytes(firstRecord) == depth) {
            InnerNode.terminal(address, leaf(firstRecord));
            place++;
        }
        edges(address, type, node, place);
        return unit;
    }

    private void edges(long address, int type, int node, int firstPlace) {
        int depth = trie.depth(node);
        int edges = 0;
        for (int place = firstPlace; place < trie.endOfItems(node); place++) {
            int reference = trie.referenceAt(place);
            if (RunTrie.kind(reference) == RunTrie.GROUP) {
                edges = group(address, type, edges, RunTrie.number(reference));
            } else {
                int first = trie.recordAt(place);
                Nodes.append(address, type, edges++, run.edge(first, depth), item(reference, first, depth + 1));
            }
        }
        InnerNode.children(address, edges);
    }

    private int group(long node, int type, int edges, int group) {
        byte[] keys = trie.groupEdges(group);
        int crossing = newInner(Crossing.UNITS);
        Memory.putLong(Nodes.address(frame, crossing), Crossing.header(keys.length, trie.blobId(group)));
        crossings++;
        for (int i = 0; i < keys.length; i++) {
            Nodes.append(node, type, edges + i, keys[i] & 0xFF, crossing);
        }
        return edges + keys.length;
    }

    private int newInner(int units) {
        int unit = innerEnd >>> FrameHeader.UNIT_SHIFT;
        innerEnd += units << FrameHeader.UNIT_SHIFT;
        checkRoom();
        return unit;
    }

    private void checkRoom() {
        if (innerEnd > leafStart) {
            throw new IllegalStateException("a frame was to hold more than it can; this is a bug");
        }
    }
}
