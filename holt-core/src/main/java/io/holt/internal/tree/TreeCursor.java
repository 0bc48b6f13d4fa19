package io.holt.internal.tree;

import io.holt.api.Cursor;
import io.holt.api.HoltClosedException;
import io.holt.api.Scan;
import io.holt.internal.art.ArtScan;
import io.holt.internal.art.ScanChunk;
import io.holt.internal.art.SeekMode;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * Walks the records of a scan. Copies a chunk of them from one frame in one validated read, serves them, and seeks the
 * next chunk from where the last one ended, by key: so splits and deletions meanwhile do not disturb it.
 *
 * <p>One thread at a time. Allocates nothing once its buffers have grown, but for values over 64 KiB.
 */
final class TreeCursor implements Cursor {

    private static final byte[] EMPTY = {};
    private static final int FIRST_CHUNK_RECORDS = 8;
    private static final int MAX_CHUNK_RECORDS = 256;

    private enum State {
        SEEKING,
        SERVING,
        ENDED,
        CLOSED
    }

    private final TreeCore core;
    private final ReadView view;
    private final TreeState tree;
    private final ScanBounds bounds;
    private final boolean reverse;
    private final boolean values;
    private final ScanChunk chunk = new ScanChunk();
    private final ArtScan scan;
    private long left;
    private int chunkRecords = FIRST_CHUNK_RECORDS;
    private int record = -1;
    private State state = State.SEEKING;
    private boolean lastChunk;
    private int lastResult;
    private byte[] largeValue = EMPTY;
    private byte[] resume = new byte[64];
    private int resumeBytes = -1;

    TreeCursor(TreeCore core, ReadView view, TreeState tree, Scan scan) {
        this.core = core;
        this.view = view;
        this.tree = tree;
        this.bounds = new ScanBounds(scan);
        this.reverse = scan.isReverse();
        this.values = !scan.isKeysOnly();
        this.left = scan.limit();
        this.scan = new ArtScan(reverse, chunk);
        bounds.start(this.scan);
    }

    @Override
    public boolean next() {
        if (state == State.CLOSED) {
            throw new HoltClosedException("cursor");
        }
        checkOpen();
        if (state == State.ENDED) {
            return false;
        }
        record++;
        while (state == State.SEEKING || record >= chunk.count()) {
            if (left == 0 || (state == State.SERVING && lastChunk)) {
                return end();
            }
            fill();
            record = 0;
            state = State.SERVING;
        }
        if (left == 0 || !bounds.contains(chunk.data(), keyOffset(), keyLength())) {
            return end();
        }
        left--;
        return true;
    }

    private boolean end() {
        state = State.ENDED;
        return false;
    }

    @Override
    public void seek(byte[] key) {
        if (state == State.CLOSED) {
            throw new HoltClosedException("cursor");
        }
        checkOpen();
        Objects.requireNonNull(key, "key");
        bounds.startAt(scan, key);
        state = State.SEEKING;
        lastChunk = false;
        chunkRecords = FIRST_CHUNK_RECORDS;
        record = -1;
    }

    /** Reads the next chunk: at least a record of it, unless the scan is at its end. */
    private void fill() {
        if (state == State.SERVING) {
            prepareNext();
        }
        int wanted = (int) Math.min(left, chunkRecords);
        for (int attempt = 0; ; ) {
            chunk.reset(wanted, values);
            int result = attemptFill(attempt);
            if (result == ArtScan.TORN_FRAME) {
                core.restart(view, tree, attempt++);
                continue;
            }
            if (result == ArtScan.EXHAUSTED) {
                lastChunk = resumeBytes < 0;
                if (chunk.count() == 0 && !lastChunk) {
                    resumeSeek();
                    continue;
                }
            }
            if (result == ArtScan.AT_CROSSING && chunk.count() == 0) {
                // Its path was not the seek position's: now it is.
                scan.seek(scan.pathArray(), 0, scan.crossingDepth() + 1, enterMode());
                continue;
            }
            break;
        }
        chunk.growFor(Math.min(2 * chunkRecords, MAX_CHUNK_RECORDS));
        chunkRecords = Math.min(2 * chunkRecords, MAX_CHUNK_RECORDS);
    }

    /** After a chunk was served: goes on behind its last record, or in the frame that it stopped before. */
    private void prepareNext() {
        if (lastResult == ArtScan.AT_CROSSING) {
            scan.seek(scan.pathArray(), 0, scan.crossingDepth() + 1, enterMode());
        } else if (lastResult == ArtScan.EXHAUSTED) {
            resumeSeek();
        } else {
            int last = chunk.count() - 1;
            scan.seek(chunk.data(), chunk.keyOffset(last), chunk.keyBytes(last), SeekMode.BEYOND);
        }
    }

    /** All keys below a crossing's edge are wanted: from its first one, in the scan's direction. */
    private SeekMode enterMode() {
        return reverse ? SeekMode.PREFIX_END : SeekMode.AT;
    }

    /** Goes on behind the child frame that was exhausted: behind the last edge of its group. */
    private void resumeSeek() {
        scan.seek(resume, 0, resumeBytes, reverse ? SeekMode.BEYOND : SeekMode.PREFIX_END);
    }

    /** One optimistic walk along the seek position, and one fill; answers what the last frame said. */
    private int attemptFill(int attempt) {
        resumeBytes = -1;
        Descent at = new Descent();
        try {
            lastResult = walkAndFill(at, attempt >= Retry.OPTIMISTIC_ATTEMPTS);
            boolean valid = lastResult != ArtScan.TORN_FRAME && at.validate(view);
            // Asked after validation: by then the blobs of a tree that was dropped may belong to another one.
            return valid && !(view.isLive() && tree.isDropped()) ? lastResult : ArtScan.TORN_FRAME;
        } finally {
            at.letGo();
        }
    }

    private int walkAndFill(Descent at, boolean latching) {
        boolean entered = at.start(view, tree.rootBlobId(), latching);
        int result = ArtScan.TORN_FRAME;
        while (entered) {
            result = scan.fill(at.frame);
            if (result != ArtScan.AT_CROSSING || !scan.crossingOnSeekPath() || chunk.count() > 0) {
                break;
            }
            keepResume();
            result = ArtScan.TORN_FRAME;
            entered = at.cross(view, scan.crossingBlobId());
        }
        boolean needsParts = result != ArtScan.TORN_FRAME && chunk.largeBytes() >= 0;
        return needsParts && !readLarge(at) ? ArtScan.TORN_FRAME : result;
    }

    private boolean readLarge(Descent at) {
        if (!at.validate(view)) {
            return false;
        }
        largeValue = new byte[chunk.largeBytes()];
        return core.largeValues().read(view, chunk.largeParts(), chunk.largeBytes(), MemorySegment.ofArray(largeValue));
    }

    private void keepResume() {
        int depth = scan.crossingDepth();
        if (depth + 1 > resume.length) {
            resume = new byte[2 * (depth + 1)];
        }
        System.arraycopy(scan.pathArray(), 0, resume, 0, depth);
        resume[depth] = (byte) scan.crossingFarEdge();
        resumeBytes = depth + 1;
    }

    private void checkOpen() {
        core.buffers().checkOpen();
        if (view.isClosed()) {
            throw new HoltClosedException("snapshot");
        }
        if (view.isLive()) {
            tree.checkNotDropped();
        }
    }

    private void checkServing() {
        if (state != State.SERVING || record < 0) {
            throw new IllegalStateException(
                    state == State.CLOSED ? "the cursor is closed" : "the cursor is at no record: call next() first");
        }
    }

    @Override
    public byte[] keyArray() {
        checkServing();
        return chunk.data();
    }

    @Override
    public int keyOffset() {
        checkServing();
        return chunk.keyOffset(record);
    }

    @Override
    public int keyLength() {
        checkServing();
        return chunk.keyBytes(record);
    }

    @Override
    public byte[] valueArray() {
        checkValues();
        return chunk.largeBytes() >= 0 ? largeValue : chunk.data();
    }

    @Override
    public int valueOffset() {
        checkValues();
        return chunk.largeBytes() >= 0 ? 0 : chunk.valueOffset(record);
    }

    @Override
    public int valueLength() {
        checkValues();
        return chunk.largeBytes() >= 0 ? largeValue.length : chunk.valueBytes(record);
    }

    @Override
    public byte[] value() {
        int from = valueOffset();
        return Arrays.copyOfRange(valueArray(), from, from + valueLength());
    }

    private void checkValues() {
        checkServing();
        if (!values) {
            throw new IllegalStateException("the scan is one of keys only");
        }
    }

    @Override
    public void close() {
        state = State.CLOSED;
    }
}
