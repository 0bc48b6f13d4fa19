package io.holt.internal.tree;

import io.holt.api.HoltClosedException;
import io.holt.api.Scan;
import io.holt.internal.art.ArtScan;
import io.holt.internal.art.ScanChunk;
import io.holt.internal.art.ScanGroups;
import io.holt.internal.art.SeekMode;
import java.lang.foreign.MemorySegment;

/**
 * Walks the records of a scan chunk by chunk: copies records from one frame in one validated read (I2), and seeks the
 * next chunk from where the last one ended, by key, so splits and deletions meanwhile do not disturb it.
 *
 * <p>One thread at a time. Can be started again for another scan, and allocates nothing once its buffers have grown,
 * but for values over 64 KiB.
 */
final class ScanWalk {

    private static final byte[] EMPTY = {};
    private static final int MAX_CHUNK_RECORDS = 256;

    /** Of a scan that may be over with its first record, so many are copied at first, and the others if asked for. */
    private static final int FIRST_COPIED_RECORDS = 1;

    /** A walk starts at the root: the next one goes to so many times the records. */
    private static final int WALK_GROWTH = 16;

    /** Whoever takes so many records may want so many times as many, which are copied before he asks for them. */
    private static final int COPY_GROWTH = 4;

    private static final int NEXT_COPIED_RECORDS = 16;

    private final ScanChunk chunk = new ScanChunk();
    private final ArtScan scan = new ArtScan(chunk);
    private final ScanBounds bounds = new ScanBounds();
    private final Descent descent = new Descent();
    private TreeCore core;
    private ReadView view;
    private TreeState tree;
    private boolean reverse;
    private boolean values;
    private int walkRecords;
    private int copyRecords;
    private boolean seeking;
    private boolean lastChunk;
    private int lastResult;
    private byte[] largeValue = EMPTY;
    private byte[] resume = new byte[64];
    private int resumeBytes = -1;

    /** Begins before the first record of a scan. */
    void start(TreeCore newCore, ReadView newView, TreeState newTree, Scan newScan, int firstChunkRecords) {
        core = newCore;
        view = newView;
        tree = newTree;
        reverse = newScan.isReverse();
        values = !newScan.isKeysOnly();
        bounds.set(newScan);
        scan.direct(reverse, bounds.prefix());
        bounds.end(scan);
        group(newScan);
        bounds.start(scan);
        restart(firstChunkRecords);
    }

    /** Groups whose names end with a delimiter of more than one byte are left to the caller. */
    private void group(Scan newScan) {
        ScanGroups groups = scan.groups();
        groups.none();
        if (newScan.distinctBytes() > 0) {
            groups.distinct(newScan.distinctBytes());
        } else if (newScan.delimiter() != null && newScan.delimiter().length == 1) {
            groups.delimited(newScan.delimiter()[0], bounds.prefix().length);
        }
    }

    /** Whether of each group one record is served. */
    boolean servesGroups() {
        return scan.groups().isActive();
    }

    private void restart(int records) {
        walkRecords = records;
        copyRecords = records;
        seeking = true;
        lastChunk = false;
    }

    /** The scan may be over with its first record: little is copied before the second one is asked for. */
    void expectFew() {
        copyRecords = FIRST_COPIED_RECORDS;
    }

    ScanChunk chunk() {
        return chunk;
    }

    ScanBounds bounds() {
        return bounds;
    }

    /** The value of the chunk's only record, if it lies in value frames. */
    byte[] largeValue() {
        return largeValue;
    }

    /** Lets go of what the scan referred to. */
    void end() {
        core = null;
        view = null;
        tree = null;
        bounds.clear();
        largeValue = EMPTY;
    }

    /** Goes to before the first record whose key is this one or beyond it, within the bounds. */
    void seek(byte[] key, int nextChunkRecords) {
        bounds.startAt(scan, key);
        restart(nextChunkRecords);
    }

    /** Goes beyond all keys that start with these bytes, which the walk has come to. */
    void seekPast(byte[] bytes, int offset, int length, int nextChunkRecords) {
        scan.seek(bytes, offset, length, pastMode());
        restart(nextChunkRecords);
    }

    /**
     * Reads the next chunk.
     *
     * @param most records wanted, at least 1
     * @return false if there is none: the scan is at its end, as far as the tree goes
     */
    boolean next(long most) {
        if (!seeking) {
            if (lastChunk) {
                return false;
            }
            prepareNext();
            if (lastResult == ArtScan.CHUNK_FULL && scan.canFillOn() && fillOn(most)) {
                return true;
            }
        }
        seeking = false;
        fill(most);
        return chunk.count() > 0;
    }

    /** More of the frame that the last chunk came from, without a walk; false if it is not as it was then. */
    private boolean fillOn(long most) {
        chunk.reset(values);
        int result = scan.fillOn((int) Math.min(most, copyRecords));
        if (!descent.validate(view) || (chunk.largeBytes() >= 0 && !readLarge(descent)) || isGone()) {
            return false;
        }
        lastResult = result;
        settle();
        copyMore();
        return true;
    }

    private void copyMore() {
        copyRecords = Math.clamp((long) copyRecords * COPY_GROWTH, NEXT_COPIED_RECORDS, MAX_CHUNK_RECORDS);
        chunk.growFor(lastChunk ? 0 : copyRecords);
    }

    /** Asked after validation: by then the blobs of a tree that was dropped may belong to another one. */
    private boolean isGone() {
        return view.isLive() && tree.isDropped();
    }

    /** Whether there can be more behind the chunk. */
    private void settle() {
        lastChunk = lastResult == ArtScan.BEYOND_END || (lastResult == ArtScan.EXHAUSTED && resumeBytes < 0);
    }

    /** How many records of the chunk belong to the scan: all up to the first one that doesn't. */
    int within() {
        int low = 0;
        int high = chunk.count();
        if (contains(high - 1)) {
            return high;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (contains(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean contains(int record) {
        return bounds.contains(chunk.data(), chunk.keyOffset(record), chunk.keyBytes(record));
    }

    /** Reads the next chunk: at least a record of it, unless the scan is at its end. */
    private void fill(long most) {
        int wanted = (int) Math.min(most, walkRecords);
        int attempt = 0;
        while (true) {
            chunk.reset(values);
            int result = attemptFill(attempt, wanted);
            if (result == ArtScan.TORN_FRAME) {
                core.restart(view, tree, attempt++);
                continue;
            }
            settle();
            if (chunk.count() > 0 || lastChunk) {
                break;
            }
            resumeSeek();
        }
        walkRecords = Math.clamp((long) walkRecords * WALK_GROWTH, walkRecords, MAX_CHUNK_RECORDS);
        copyMore();
    }

    /** After a chunk was served: goes on behind its last record, or in the frame that it stopped before. */
    private void prepareNext() {
        if (lastResult == ArtScan.AT_CROSSING) {
            scan.seek(scan.pathArray(), 0, scan.crossingDepth() + 1, enterMode());
        } else if (lastResult == ArtScan.EXHAUSTED) {
            resumeSeek();
        } else {
            int last = chunk.count() - 1;
            int offset = chunk.keyOffset(last);
            int group = scan.groups().bytesOf(chunk.data(), offset, chunk.keyBytes(last));
            if (group == ScanGroups.NONE) {
                scan.seek(chunk.data(), offset, chunk.keyBytes(last), SeekMode.BEYOND);
            } else {
                scan.seek(chunk.data(), offset, group, pastMode());
            }
        }
    }

    /** Beyond all keys that start with the seek position. */
    private SeekMode pastMode() {
        return reverse ? SeekMode.BEYOND : SeekMode.PREFIX_END;
    }

    /** All keys below a crossing's edge are wanted: from its first one, in the scan's direction. */
    private SeekMode enterMode() {
        return reverse ? SeekMode.PREFIX_END : SeekMode.AT;
    }

    /** Goes on behind the child frame that was exhausted: behind the last edge of its group. */
    private void resumeSeek() {
        // A frame that is all of one group has served its record, and the frames beside it are of the same group.
        int group = chunk.count() == 0 ? ScanGroups.NONE : scan.groups().bytesOf(resume, 0, resumeBytes - 1);
        scan.seek(resume, 0, Math.min(resumeBytes, group), pastMode());
    }

    /** One optimistic walk along the seek position, and one fill; answers what the last frame said. */
    private int attemptFill(int attempt, int wanted) {
        resumeBytes = -1;
        Descent at = descent;
        try {
            lastResult = walkAndFill(at, Retry.isPatient(attempt), wanted);
            boolean valid = lastResult != ArtScan.TORN_FRAME && at.validate(view);
            return valid && !isGone() ? lastResult : ArtScan.TORN_FRAME;
        } finally {
            at.letGo();
        }
    }

    private int walkAndFill(Descent at, boolean latching, int wanted) {
        boolean entered = at.start(view, tree.rootBlobId(), latching);
        int result = ArtScan.TORN_FRAME;
        while (entered) {
            result = scan.fill(at.frame, wanted, copyRecords);
            if (result != ArtScan.AT_CROSSING || chunk.count() > 0) {
                break;
            }
            keepResume();
            result = ArtScan.TORN_FRAME;
            entered = at.cross(view, scan.crossingBlobId());
            if (entered && !scan.crossingOnSeekPath()) {
                // Only now is it known that the crossing was there: an attempt that fails further on begins again here.
                scan.seek(scan.pathArray(), 0, scan.crossingDepth() + 1, enterMode());
            }
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
        if (scan.isBeyondPrefix(depth + 1)) {
            resumeBytes = -1;
            return;
        }
        if (depth + 1 > resume.length) {
            resume = new byte[2 * (depth + 1)];
        }
        System.arraycopy(scan.pathArray(), 0, resume, 0, depth);
        resume[depth] = (byte) scan.crossingFarEdge();
        resumeBytes = depth + 1;
    }

    /** Throws if what is walked over is not there any more. */
    void checkOpen() {
        core.buffers().checkOpen();
        if (view.isClosed()) {
            throw new HoltClosedException("snapshot");
        }
        if (view.isLive()) {
            tree.checkNotDropped();
        }
    }
}
