package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.ByteSearch;
import java.util.Arrays;

/** Where a walk starts within the order of keys, and what all keys that it wants start with. One thread. */
final class SeekPosition {

    private static final byte[] NO_PREFIX = {};

    private boolean reverse;
    private byte[] prefix = NO_PREFIX;
    private byte[] bytes = new byte[64];
    private int length;

    /** Length of the prefix if the position starts with it, else 0: then the caller finds the end. */
    private int prefixBytes;

    private SeekMode mode;

    /** @param commonBytes what all wanted keys start with; kept, not copied */
    void direct(boolean descending, byte[] commonBytes) {
        reverse = descending;
        prefix = commonBytes;
    }

    void set(byte[] source, int offset, int count, SeekMode seekMode) {
        if (count > bytes.length) {
            bytes = new byte[Math.max(count, 2 * bytes.length)];
        }
        System.arraycopy(source, offset, bytes, 0, count);
        length = count;
        mode = seekMode;
        boolean within = count >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
        prefixBytes = within ? prefix.length : 0;
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    int prefixBytes() {
        return prefixBytes;
    }

    SeekMode mode() {
        return mode;
    }

    /** Whether a leaf that agrees with the position up to a depth lies behind it or, if that is meant, at it. */
    boolean reaches(long frame, long leaf, long header, int depth) {
        int skipped = depth - FrameHeader.basePathBytes(frame);
        int rest = Leaf.keyBytes(header) - skipped;
        if (skipped < 0 || rest < 0 || depth > length) {
            return false;
        }
        int wantedRest = length - depth;
        long key = Leaf.key(leaf, header) + skipped;
        int order = ByteSearch.compare(key, rest, bytes, depth, wantedRest);
        if (mode == SeekMode.AT && order == 0) {
            return true;
        }
        if (mode == SeekMode.PREFIX_END && rest >= wantedRest && ByteSearch.equal(key, bytes, depth, wantedRest)) {
            return reverse;
        }
        return reverse ? order < 0 : order > 0;
    }

    /** Whether the key of a leaf that agrees with the position up to a depth has the prefix. */
    boolean prefixes(long frame, long leaf, long header, int depth) {
        int skipped = depth - FrameHeader.basePathBytes(frame);
        return Leaf.keyBytes(header) - skipped >= prefixBytes - depth
                && ByteSearch.equal(Leaf.key(leaf, header) + skipped, bytes, depth, prefixBytes - depth);
    }
}
