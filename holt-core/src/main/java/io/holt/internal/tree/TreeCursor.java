package io.holt.internal.tree;

import io.holt.api.Cursor;
import io.holt.api.HoltClosedException;
import io.holt.api.Scan;
import io.holt.internal.art.ScanChunk;
import java.util.Arrays;
import java.util.Objects;

/**
 * Serves the records of a scan one by one, out of the chunks of a {@link ScanWalk}. With a delimiter, or distinct
 * prefixes, an entry stands for all keys that share its bytes, and the walk seeks past them.
 *
 * <p>One thread at a time. Allocates nothing once its buffers have grown, but for values over 64 KiB.
 */
final class TreeCursor implements Cursor {

    private static final byte[] EMPTY = {};
    private static final int FIRST_CHUNK_RECORDS = 8;
    private static final int MAX_FIRST_CHUNK_RECORDS = 128;
    private static final int NONE = -1;

    private enum State {
        SEEKING,
        SERVING,
        ENDED,
        CLOSED
    }

    private final ScanWalk walk;
    private final ScanChunk chunk;
    private final boolean values;
    private final byte[] delimiter;
    private final int prefixBytes;
    private long left;
    private int record = -1;

    /** So many records of the chunk belong to the scan. */
    private int within;

    private State state = State.SEEKING;

    /** Length of the entry's key if it is a common prefix. */
    private int commonBytes = NONE;

    /** The next record is not to start with so many bytes of this one. */
    private int skipBytes = NONE;

    TreeCursor(TreeCore core, ReadView view, TreeState tree, Scan scan) {
        this.walk = Scratch.ofThread().takeWalk();
        this.chunk = walk.chunk();
        this.values = !scan.isKeysOnly();
        this.left = scan.limit();
        this.delimiter = scan.delimiter();
        this.prefixBytes = scan.prefix() == null ? 0 : scan.prefix().length;
        walk.start(core, view, tree, scan, firstChunk());
        expectFew();
    }

    private void expectFew() {
        if (left > MAX_FIRST_CHUNK_RECORDS) {
            walk.expectFew();
        }
    }

    private int firstChunk() {
        // Records that an entry stands for are not worth reading.
        if (delimiter != null && delimiter.length > 1) {
            return 1;
        }
        // Whoever limits a scan is likely to want that many.
        return left <= MAX_FIRST_CHUNK_RECORDS ? (int) Math.max(left, 1) : FIRST_CHUNK_RECORDS;
    }

    @Override
    public boolean next() {
        checkUsable();
        if (state == State.ENDED) {
            return false;
        }
        if (left == 0 || !step()) {
            return end();
        }
        left--;
        commonBytes = NONE;
        if (delimiter != null) {
            commonBytes = endOfCommonPrefix();
            skipBytes = walk.servesGroups() ? NONE : commonBytes;
        }
        return true;
    }

    /** Goes to the next record that belongs to the scan and is not to be skipped. */
    private boolean step() {
        if (skipBytes >= 0) {
            skip();
        } else {
            record++;
        }
        while (state == State.SEEKING || record >= within) {
            boolean boundMet = state == State.SERVING && within < chunk.count();
            if (boundMet || !walk.next(left)) {
                return false;
            }
            record = 0;
            within = walk.within();
            state = State.SERVING;
        }
        return true;
    }

    /** To the first record of the chunk that does not share the bytes, or a seek past them all. */
    private void skip() {
        int wanted = skipBytes;
        skipBytes = NONE;
        int from = chunk.keyOffset(record);
        byte[] data = chunk.data();
        int next = record + 1;
        while (next < within && shares(data, from, wanted, next)) {
            next++;
        }
        if (next < within) {
            record = next;
        } else {
            walk.seekPast(data, from, wanted, firstChunk());
            expectFew();
            state = State.SEEKING;
        }
    }

    private boolean shares(byte[] data, int from, int bytes, int other) {
        int offset = chunk.keyOffset(other);
        return chunk.keyBytes(other) >= bytes && Arrays.equals(data, from, from + bytes, data, offset, offset + bytes);
    }

    /** Length of the key up to and with the first delimiter behind the scan's prefix; NONE if it has none there. */
    private int endOfCommonPrefix() {
        byte[] data = chunk.data();
        int from = chunk.keyOffset(record);
        int end = from + chunk.keyBytes(record);
        for (int at = from + prefixBytes; at + delimiter.length <= end; at++) {
            if (data[at] == delimiter[0]
                    && Arrays.equals(data, at, at + delimiter.length, delimiter, 0, delimiter.length)) {
                return at + delimiter.length - from;
            }
        }
        return NONE;
    }

    private boolean end() {
        state = State.ENDED;
        return false;
    }

    @Override
    public void seek(byte[] key) {
        checkUsable();
        Objects.requireNonNull(key, "key");
        walk.seek(key, firstChunk());
        expectFew();
        state = State.SEEKING;
        skipBytes = NONE;
        commonBytes = NONE;
        record = -1;
    }

    @Override
    public void skipPrefix(int keyBytes) {
        checkUsable();
        checkServing();
        Objects.checkFromIndexSize(0, keyBytes, keyLength());
        skipBytes = keyBytes;
    }

    @Override
    public boolean isCommonPrefix() {
        checkServing();
        return commonBytes >= 0;
    }

    private void checkUsable() {
        if (state == State.CLOSED) {
            throw new HoltClosedException("cursor");
        }
        walk.checkOpen();
    }

    private void checkServing() {
        if (state == State.CLOSED) {
            throw new HoltClosedException("cursor");
        }
        if (state != State.SERVING || record < 0) {
            throw new IllegalStateException("the cursor is at no record: call next() first");
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
        return commonBytes >= 0 ? commonBytes : chunk.keyBytes(record);
    }

    @Override
    public byte[] valueArray() {
        checkValues();
        if (commonBytes >= 0) {
            return EMPTY;
        }
        return chunk.largeBytes() >= 0 ? walk.largeValue() : chunk.data();
    }

    @Override
    public int valueOffset() {
        checkValues();
        return commonBytes >= 0 || chunk.largeBytes() >= 0 ? 0 : chunk.valueOffset(record);
    }

    @Override
    public int valueLength() {
        checkValues();
        if (commonBytes >= 0) {
            return 0;
        }
        return chunk.largeBytes() >= 0 ? walk.largeValue().length : chunk.valueBytes(record);
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

    /** The walk, with its buffers, goes to the next scan of the thread. */
    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            walk.end();
            Scratch.ofThread().keepWalk(walk);
        }
    }
}
