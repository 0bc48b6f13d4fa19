package io.holt.internal.io;

import io.holt.api.HoltIoException;
import java.util.Arrays;

/**
 * Requests for one file, to be submitted together. Made once and used again and again: nothing is allocated per
 * request. Not for use by several threads at once.
 */
public final class IoBatch {

    private final boolean[] writes;
    private final long[] fileOffsets;
    private final long[] addresses;
    private final long[] bytes;
    private final boolean[] failed;
    private int count;
    private int firstFailedIndex;
    private HoltIoException firstFailure;

    /** @param capacity most requests at a time */
    public IoBatch(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("a batch holds at least 1 request, not " + capacity);
        }
        writes = new boolean[capacity];
        fileOffsets = new long[capacity];
        addresses = new long[capacity];
        bytes = new long[capacity];
        failed = new boolean[capacity];
        clear();
    }

    /** Adds a request to read; arguments as {@link #addWrite}. */
    public void addRead(long fileOffset, long address, long byteCount) {
        add(false, fileOffset, address, byteCount);
    }

    /**
     * Adds a request to write.
     *
     * @throws IllegalStateException if the batch is full
     */
    public void addWrite(long fileOffset, long address, long byteCount) {
        add(true, fileOffset, address, byteCount);
    }

    private void add(boolean write, long fileOffset, long address, long byteCount) {
        if (count == writes.length) {
            throw new IllegalStateException("the batch holds its " + count + " requests already; submit it first");
        }
        assert fileOffset >= 0 && byteCount > 0;
        writes[count] = write;
        fileOffsets[count] = fileOffset;
        addresses[count] = address;
        bytes[count] = byteCount;
        failed[count] = false;
        count++;
    }

    /** Forgets all requests and what became of them. */
    public void clear() {
        count = 0;
        forgetOutcome();
    }

    public int capacity() {
        return writes.length;
    }

    public int count() {
        return count;
    }

    /** Free places for requests. */
    public int room() {
        return writes.length - count;
    }

    public boolean isWrite(int index) {
        return writes[index];
    }

    public long fileOffset(int index) {
        return fileOffsets[index];
    }

    public long address(int index) {
        return addresses[index];
    }

    public long bytes(int index) {
        return bytes[index];
    }

    /** Whether a request failed at the last submit; if not, all its bytes were transferred. */
    public boolean failed(int index) {
        return failed[index];
    }

    /** For engines: starts a submit. */
    public void forgetOutcome() {
        Arrays.fill(failed, false);
        firstFailedIndex = Integer.MAX_VALUE;
        firstFailure = null;
    }

    /** For engines: a request failed. What can't be mended by making room is thrown before what can. */
    public void fail(int index, HoltIoException failure) {
        failed[index] = true;
        boolean isFirst = firstFailure == null
                || (failure.isOutOfSpace() == firstFailure.isOutOfSpace()
                        ? index < firstFailedIndex
                        : firstFailure.isOutOfSpace());
        if (isFirst) {
            firstFailedIndex = index;
            firstFailure = failure;
        }
    }

    /** For engines: ends a submit, all of whose requests are complete. */
    public void throwIfFailed() {
        if (firstFailure != null) {
            throw firstFailure;
        }
    }
}
