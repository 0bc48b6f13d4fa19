package io.holt.internal.checkpoint;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.store.TreeEntry;
import io.holt.internal.tree.TreeAccess;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** What each frame refers to, and so which frames the trees lead to. For one thread. */
final class Reachability {

    private static final int[] NOTHING = {};
    private static final int ANY_TREE = -1;

    private static final class Known {
        final int treeId;
        final int[] references;

        Known(int treeId, int[] references) {
            this.treeId = treeId;
            this.references = references;
        }
    }

    private final Map<Integer, Known> known = new HashMap<>();

    /** Notes a frame, instead of what was known of its blob. */
    void put(int blobId, long frame) {
        known.put(blobId, new Known(FrameHeader.treeId(frame), TreeAccess.references(frame)));
    }

    /** Notes a frame, of whatever tree, that refers to nothing. */
    void putUnread(int blobId) {
        known.put(blobId, new Known(ANY_TREE, NOTHING));
    }

    /** Notes a frame that refers to nothing. */
    void putEmpty(int blobId, int treeId) {
        known.put(blobId, new Known(treeId, NOTHING));
    }

    /** Forgets everything. */
    void clear() {
        known.clear();
    }

    /**
     * The blobs that trees lead to, by their names and roots.
     *
     * @throws io.holt.api.CorruptDataException if one of them is not known, belongs to another tree, or is named twice
     */
    BitSet from(Map<String, TreeEntry> trees) {
        BitSet reached = new BitSet();
        trees.forEach((name, tree) -> reach(name, tree, reached));
        return reached;
    }

    private void reach(String name, TreeEntry tree, BitSet reached) {
        Deque<Integer> open = new ArrayDeque<>();
        open.push(tree.rootBlobId());
        while (!open.isEmpty()) {
            int blobId = open.pop();
            Known frame = known.get(blobId);
            if (frame == null) {
                throw FrameReceiver.damaged(0, "the frame of blob " + blobId + " of tree \"" + name + "\" is missing");
            }
            boolean ofTree = frame.treeId == tree.treeId() || frame.treeId == ANY_TREE;
            if (!ofTree || reached.get(blobId)) {
                throw FrameReceiver.damaged(
                        0, "the frame of blob " + blobId + " is named twice, or by a tree that it does not belong to");
            }
            reached.set(blobId);
            for (int child : frame.references) {
                open.push(child);
            }
        }
    }
}
