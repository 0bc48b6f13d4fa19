package io.holt.internal.checkpoint;

import io.holt.api.HoltException;
import io.holt.api.VerifyReport;
import io.holt.internal.art.FrameCheck;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import io.holt.internal.store.BlobStore;
import io.holt.internal.store.ManifestState;
import io.holt.internal.store.TreeEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * Walks from the roots over all frames of a checkpoint on disk and checks each page, each frame and how they refer to
 * each other. Goes on after what it finds. For one thread, used once.
 */
public final class StoreVerifier {

    private static final int NO_PART = -1;

    /** A frame to be looked at: where it is, and what it must be by what leads to it. */
    private static final class Expected {
        final int blobId;
        final int depth;
        final byte[] path;
        final int rootDepth;
        final int partBytes;

        Expected(int blobId, int depth, byte[] path, int rootDepth, int partBytes) {
            this.blobId = blobId;
            this.depth = depth;
            this.path = path;
            this.rootDepth = rootDepth;
            this.partBytes = partBytes;
        }
    }

    private final ManifestState state;
    private final BlobStore store;
    private final String file;
    private final long buffer;
    private final VerifyReport.Progress progress;
    private final BitSet seen = new BitSet();
    private final List<VerifyReport.FrameInfo> frames = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /** @param buffer address of 512 KiB, which it uses */
    public StoreVerifier(
            ManifestState state, BlobStore store, String file, long buffer, VerifyReport.Progress progress) {
        this.state = state;
        this.store = store;
        this.file = file;
        this.buffer = buffer;
        this.progress = progress;
    }

    /** Does the work; what follows from damaged frames is not looked at. */
    public void run() {
        state.trees().forEach(this::verifyTree);
        for (int blobId = 1; blobId < state.placesLength(); blobId++) {
            if (state.place(blobId) != ManifestState.NO_PLACE && !seen.get(blobId) && problems.isEmpty()) {
                problems.add("blob " + blobId + " takes place " + state.place(blobId) + ", and no tree leads to it");
            }
        }
    }

    public List<VerifyReport.FrameInfo> frames() {
        return frames;
    }

    public List<String> problems() {
        return problems;
    }

    private void verifyTree(String name, TreeEntry tree) {
        Deque<Expected> open = new ArrayDeque<>();
        open.push(new Expected(tree.rootBlobId(), 1, new byte[0], 0, NO_PART));
        while (!open.isEmpty()) {
            Expected expected = open.pop();
            try {
                verifyFrame(name, tree.treeId(), expected, open);
            } catch (FrameCheck.Fault e) {
                problems.add("blob " + expected.blobId + " of tree \"" + name + "\": " + e.getMessage());
            } catch (HoltException e) {
                problems.add("tree \"" + name + "\": " + e.getMessage());
            }
            progress.frames(seen.cardinality(), store.placesInUse());
        }
    }

    private void verifyFrame(String name, int treeId, Expected expected, Deque<Expected> open) throws FrameCheck.Fault {
        int blobId = expected.blobId;
        int place = state.place(blobId);
        if (place == ManifestState.NO_PLACE) {
            problems.add("blob " + blobId + " of tree \"" + name + "\" has no place on disk");
            return;
        }
        if (seen.get(blobId)) {
            problems.add("blob " + blobId + " is referred to twice, at last by tree \"" + name + "\"");
            return;
        }
        seen.set(blobId);
        store.read(place, buffer);
        FrameImage.verify(buffer, blobId, file, (long) place * FrameHeader.FRAME_BYTES);
        boolean part = expected.partBytes != NO_PART;
        frames.add(new VerifyReport.FrameInfo(
                name,
                blobId,
                expected.depth,
                part ? 0 : FrameHeader.records(buffer),
                part ? expected.partBytes : FrameHeader.liveBytes(buffer),
                part));
        String wrong = wrongHeader(expected, treeId, part);
        if (wrong != null) {
            problems.add("blob " + blobId + " of tree \"" + name + "\": " + wrong);
        }
        if (!part) {
            FrameCheck.check(buffer, new References(expected.depth + 1, open));
        }
    }

    private String wrongHeader(Expected expected, int treeId, boolean part) {
        if (FrameHeader.treeId(buffer) != treeId) {
            return "it belongs to the tree with id " + FrameHeader.treeId(buffer);
        }
        if (FrameHeader.kind(buffer) != (part ? FrameHeader.KIND_VALUE : FrameHeader.KIND_TREE)) {
            return "it is of kind " + FrameHeader.kind(buffer);
        }
        if (FrameHeader.epoch(buffer) > state.epoch()) {
            return "it was changed in epoch " + FrameHeader.epoch(buffer) + ", after the checkpoint";
        }
        if (part) {
            return FrameHeader.payloadBytes(buffer) == expected.partBytes
                    ? null
                    : "it has " + FrameHeader.payloadBytes(buffer) + " bytes of a value, not " + expected.partBytes;
        }
        if (FrameHeader.rootDepth(buffer) != expected.rootDepth) {
            return "its root is at depth " + FrameHeader.rootDepth(buffer) + ", not " + expected.rootDepth;
        }
        byte[] path = new byte[FrameHeader.basePathBytes(buffer)];
        Memory.copyToArray(FrameHeader.basePath(buffer), path, 0, path.length);
        int compared = Math.min(path.length, expected.path.length);
        boolean fits = path.length == Math.min(expected.rootDepth, FrameHeader.MAX_BASE_PATH_BYTES)
                && Arrays.equals(path, 0, compared, expected.path, 0, compared);
        return fits ? null : "its base path is not the one that leads to it";
    }

    /** Notes what a frame refers to. */
    private record References(int depth, Deque<Expected> open) implements FrameCheck.Finds {

        @Override
        public void child(int blobId, byte[] path, int rootDepth) {
            open.push(new Expected(blobId, depth, path, rootDepth, NO_PART));
        }

        @Override
        public void largeValue(int[] parts, int valueBytes) {
            int left = valueBytes;
            for (int part : parts) {
                int bytes = Math.min(left, Leaf.LARGE_PART_BYTES);
                open.push(new Expected(part, depth, new byte[0], 0, bytes));
                left -= bytes;
            }
        }
    }
}
