package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import java.util.Arrays;

/**
 * Makes frames of a sorted run from the leaves up, so that none has to be divided: neighbouring edges of one node, with
 * all below them, are a group, and when a group would no longer fit it gets a frame. Such a frame counts for what is
 * above it as a crossing only, so that the nodes above can be part of groups themselves.
 *
 * <p>Source: sibling partitioning, bottom-up and greedy; S. Kundu and J. Misra, "A linear tree partitioning algorithm",
 * SIAM J. Comput. 6(1), 1977; C.-C. Kanne and G. Moerkotte, "A linear time algorithm for optimal tree sibling
 * partitioning", VLDB 2006.
 *
 * <p>A group's edges lead to no key but those of the run: the caller says what the run's first and last key share with
 * the keys around them. What is at the run's ends, and what is too little, is left over.
 *
 * <p>Reused from run to run; one thread at a time.
 */
public final class RunPacker {

    /** Where frames come from. */
    public interface Frames {

        /** Blob id of a fresh frame. */
        int fresh();

        /** Where that frame is. */
        long address(int blobId);
    }

    /** Takes what is to be put into the tree, in ascending order. */
    public interface Rest {

        /** A record that is in no frame. */
        void record(int record);

        /**
         * A frame that is to be hung into the tree.
         *
         * @param record a record below its first edge
         * @param depth key bytes above its root
         * @param edges bytes that lead on from there to it, ascending
         */
        void frame(int record, int depth, byte[] edges, int blobId);
    }

    /** No more levels of nodes than this are packed: to go over them takes a call for each. */
    private static final int MAX_LEVELS = 1000;

    /** What a frame is filled to. The rest is for nodes above frames that are hung into it later. */
    private static final long FULL_BYTES = FrameHeader.BODY_BYTES / 16 * 15;

    /** A frame that is less full than this is not made if there is another way. */
    private static final long WORTHWHILE_BYTES = FrameHeader.BODY_BYTES / 16 * 9;

    private final RunTrie trie = new RunTrie();
    private final RunItems items = new RunItems();
    private SortedRun run;
    private RunFrame writer;
    private Frames frames;
    private int treeId;
    private long epoch;
    private int commonBefore;
    private int commonBehind;
    private boolean goesOn;
    private int packed;
    private int deepest;

    // Nodes whose end was not met yet: depth, and first of their items.
    private int[] openDepth = new int[64];
    private int[] openItem = new int[64];
    private int open;

    // What the items take that were hung on the node that is being ended.
    private int hungBytes;
    private int hungLeaves;
    private int hungUnits;

    /**
     * Packs a run that is not empty.
     *
     * @param before key bytes that the first record shares with the greatest key of the tree below it; -1 if none
     * @param behind key bytes that the last record shares with the least key of the tree above it; -1 if none
     * @param more whether more records follow the run, so that its end can't be packed yet
     * @return the number of the record behind the last one in a frame; 0 if there is no frame
     */
    public int pack(SortedRun records, Frames into, int tree, long frameEpoch, int before, int behind, boolean more) {
        run = records;
        frames = into;
        treeId = tree;
        epoch = frameEpoch;
        commonBefore = before;
        commonBehind = behind;
        goesOn = more;
        packed = 0;
        deepest = 0;
        open = 0;
        items.clear();
        trie.clear();
        writer = new RunFrame(run, trie);
        openNode(0, 0);
        pushRecord(0);
        for (int record = 1; record < run.count(); record++) {
            int common = run.commonWithPrevious(record);
            closeDownTo(common, record);
            if (openDepth[open - 1] < common) {
                openNode(common, items.count() - 1);
            }
            pushRecord(record);
        }
        closeDownTo(-1, run.count());
        return packed;
    }

    private void openNode(int depth, int item) {
        if (open == openDepth.length) {
            openDepth = Arrays.copyOf(openDepth, 2 * open);
            openItem = Arrays.copyOf(openItem, 2 * open);
        }
        openDepth[open] = depth;
        openItem[open] = item;
        open++;
        deepest = Math.max(deepest, open);
    }

    private void pushRecord(int record) {
        items.push(RunTrie.reference(RunTrie.RECORD, record), record, run.leafBytes(record), 1, 0);
    }

    /** Ends the nodes that are deeper than this; their last record is the one before {@code end}. */
    private void closeDownTo(int depth, int end) {
        while (open > 0 && openDepth[open - 1] > depth) {
            open--;
            close(openDepth[open], open == 0 ? -1 : Math.max(depth, openDepth[open - 1]), openItem[open], end);
        }
    }

    /** Hangs the items from one on on a node, puts groups of them into frames if they are too much. */
    private void close(int depth, int above, int at, int end) {
        int first = items.first(at);
        int firstEdge = run.keyBytes(first) == depth ? at + 1 : at;
        int edges = items.count() - firstEdge;
        int prefixUnits = InnerNode.prefixUnits(depth - above - 1);
        int units = prefixUnits + InnerNode.bodyUnits(InnerNode.typeFor(edges));
        boolean isRoot = above < 0;
        boolean whole = !isRoot
                && isFree(first, end, above)
                && items.bytesMaxFrom(at, above) + (long) units * FrameHeader.UNIT_BYTES <= FULL_BYTES;
        int node = trie.addNode(depth, edges);
        hungBytes = 0;
        hungLeaves = 0;
        hungUnits = units;
        hang(at, whole ? items.count() : firstEdge);
        if (!whole) {
            hangInGroups(depth, firstEdge, end);
        }
        items.truncate(at);
        items.push(RunTrie.reference(RunTrie.NODE, node), first, hungBytes, hungLeaves, hungUnits);
    }

    /** Whether no key but those of the run from one record on to another is below an edge at a depth. */
    private boolean isFree(int first, int end, int depth) {
        return (first > 0 || commonBefore <= depth) && (end < run.count() || (!goesOn && commonBehind <= depth));
    }

    private void hang(int from, int to) {
        for (int item = from; item < to; item++) {
            trie.list(items.reference(item), items.first(item));
            hungBytes += items.leafBytes(item);
            hungLeaves += items.leaves(item);
            hungUnits += items.innerUnits(item);
        }
    }

    private void hangInGroups(int depth, int firstEdge, int end) {
        int from = firstEdge;
        long bytes = 0;
        for (int item = firstEdge; item < items.count(); item++) {
            int next = item + 1 < items.count() ? items.first(item + 1) : end;
            if (!isFree(items.first(item), next, depth)) {
                hangGroup(depth, from, item, bytes, items.first(item));
                hang(item, item + 1);
                from = item + 1;
                bytes = 0;
                continue;
            }
            long more = items.bytesMax(item, depth);
            if (bytes + more > FULL_BYTES && (bytes >= WORTHWHILE_BYTES || more < WORTHWHILE_BYTES)) {
                emit(depth, from, item, items.first(item));
                from = item;
                bytes = 0;
            }
            if (bytes + more > FULL_BYTES) {
                // It may be too much for any frame of this depth: leaves are longer than where its groups were made.
                moveDown(item, depth, next);
            }
            bytes += items.bytesMax(item, depth);
        }
        boolean ends = end < run.count() || !goesOn;
        hangGroup(depth, from, items.count(), ends ? bytes : 0, end);
    }

    /** Hangs the items before an edge that can't be in a group, or before the node's end. */
    private void hangGroup(int depth, int from, int to, long bytes, int end) {
        if (bytes >= WORTHWHILE_BYTES) {
            emit(depth, from, to, end);
        } else {
            hang(from, to);
        }
    }

    /** Gives items a frame, which is one item of their node. */
    private void emit(int depth, int from, int to, int end) {
        int blobId = frames.fresh();
        byte[] edges = new byte[to - from];
        writer.start(frames.address(blobId), blobId, treeId, epoch, items.first(from), depth);
        writer.root(edges.length);
        for (int item = from; item < to; item++) {
            int first = items.first(item);
            int edge = run.edge(first, depth);
            edges[item - from] = (byte) edge;
            writer.rootEdge(edge, items.reference(item), first, depth + 1);
        }
        writer.end();
        trie.list(RunTrie.reference(RunTrie.GROUP, trie.addGroup(blobId, edges)), items.first(from));
        hungUnits += Crossing.UNITS;
        packed = Math.max(packed, end);
    }

    /** Gives the edges of an item, which is a node, a frame: beside them what comes before fills no frame. */
    private void moveDown(int item, int above, int end) {
        int node = RunTrie.number(items.reference(item));
        int depth = trie.depth(node);
        int first = items.first(item);
        boolean hasTerminal = run.keyBytes(first) == depth;
        int blobId = frames.fresh();
        writer.start(frames.address(blobId), blobId, treeId, epoch, first, depth);
        byte[] edges = writer.rootLike(node, hasTerminal);
        writer.end();
        trie.replaceEdges(node, hasTerminal, trie.addGroup(blobId, edges));
        int units = InnerNode.prefixUnits(depth - above - 1) + InnerNode.bodyUnits(InnerNode.typeFor(edges.length));
        items.shrink(item, hasTerminal ? run.leafBytes(first) : 0, hasTerminal ? 1 : 0, units + Crossing.UNITS);
        packed = Math.max(packed, end);
    }

    /** Whether the nodes of the run are few enough above each other for {@link #rest}. */
    public boolean isTooDeep() {
        return deepest > MAX_LEVELS;
    }

    /**
     * What is left over of the records before one, and where the frames are to be hung in.
     *
     * @param end as {@link #pack} answered, or the run's length
     */
    public void rest(int end, Rest taker) {
        rest(trie.lastNode(), end, taker);
    }

    private void rest(int node, int end, Rest taker) {
        for (int place = trie.firstItem(node); place < trie.endOfItems(node); place++) {
            int first = trie.recordAt(place);
            if (first >= end) {
                return;
            }
            int number = RunTrie.number(trie.referenceAt(place));
            switch (RunTrie.kind(trie.referenceAt(place))) {
                case RunTrie.RECORD -> taker.record(first);
                case RunTrie.NODE -> rest(number, end, taker);
                default -> taker.frame(first, trie.depth(node), trie.groupEdges(number), trie.blobId(number));
            }
        }
    }
}
