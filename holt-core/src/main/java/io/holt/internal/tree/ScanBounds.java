package io.holt.internal.tree;

import io.holt.api.Scan;
import io.holt.internal.art.ArtScan;
import io.holt.internal.art.SeekMode;
import io.holt.internal.memory.ByteSearch;

/** Where a scan starts, and whether a key that the walk comes to still belongs to it. One scan after the other. */
final class ScanBounds {

    private static final byte[] EMPTY = {};

    private byte[] prefix = EMPTY;
    private byte[] from;
    private boolean fromInclusive;
    private byte[] to;
    private boolean toInclusive;
    private boolean reverse;
    private int skippedBytes;

    void set(Scan scan) {
        prefix = scan.prefix() == null ? EMPTY : scan.prefix();
        from = scan.from();
        fromInclusive = scan.fromInclusive();
        to = scan.to();
        toInclusive = scan.toInclusive();
        reverse = scan.isReverse();
        skippedBytes = scan.skippedAtStart();
    }

    /** Lets go of the scan's arrays. */
    void clear() {
        prefix = EMPTY;
        from = null;
        to = null;
    }

    /** What all keys of the scan start with. */
    byte[] prefix() {
        return prefix;
    }

    /** Tells where the scan ends, but for its prefix. */
    void end(ArtScan scan) {
        scan.end(reverse ? from : to, reverse ? fromInclusive : toInclusive);
    }

    /** Seeks the first key of the scan, or one before all that belong to it. */
    void start(ArtScan scan) {
        byte[] end = reverse ? to : from;
        if (skippedBytes > 0 && (isSkipped(prefix, end) || (!reverse && compare(from, prefix) >= 0))) {
            scan.seek(end, 0, skippedBytes, reverse ? SeekMode.BEYOND : SeekMode.PREFIX_END);
        } else if (reverse) {
            startReverse(scan);
        } else if (from != null && compare(from, prefix) >= 0) {
            seek(scan, from, fromInclusive ? SeekMode.AT : SeekMode.BEYOND);
        } else {
            seek(scan, prefix, SeekMode.AT);
        }
    }

    private void startReverse(ArtScan scan) {
        // A bound that starts with the prefix lies before the prefix's end; one below the prefix leaves nothing.
        if (to != null && (startsWithPrefix(to, 0, to.length) || compare(to, prefix) < 0)) {
            if (skippedBytes > 0) {
                scan.seek(to, 0, skippedBytes, SeekMode.BEYOND);
                return;
            }
            seek(scan, to, toInclusive ? SeekMode.AT : SeekMode.BEYOND);
        } else {
            seek(scan, prefix, SeekMode.PREFIX_END);
        }
    }

    /** Seeks a key, or the start of the scan if that is farther on. */
    void startAt(ArtScan scan, byte[] key) {
        boolean withinStart;
        if (reverse) {
            boolean withinPrefix = startsWithPrefix(key, 0, key.length) || compare(key, prefix) < 0;
            withinStart = withinPrefix && (to == null || compare(key, to) < 0) && !isSkipped(key, to);
        } else {
            withinStart =
                    compare(key, prefix) >= 0 && (from == null || compare(key, from) > 0) && !isSkipped(key, from);
        }
        if (withinStart) {
            seek(scan, key, SeekMode.AT);
        } else {
            start(scan);
        }
    }

    private boolean isSkipped(byte[] key, byte[] end) {
        return skippedBytes > 0
                && key.length >= skippedBytes
                && java.util.Arrays.equals(key, 0, skippedBytes, end, 0, skippedBytes);
    }

    /**
     * Whether a key belongs to the scan. Keys are asked for in the scan's direction, from the start on: the first one
     * that does not belong ends the scan.
     */
    boolean contains(byte[] array, int offset, int bytes) {
        if (!startsWithPrefix(array, offset, bytes)) {
            return false;
        }
        if (reverse) {
            if (from == null) {
                return true;
            }
            int order = ByteSearch.compare(array, offset, bytes, from, 0, from.length);
            return fromInclusive ? order >= 0 : order > 0;
        }
        if (to == null) {
            return true;
        }
        int order = ByteSearch.compare(array, offset, bytes, to, 0, to.length);
        return toInclusive ? order <= 0 : order < 0;
    }

    private boolean startsWithPrefix(byte[] array, int offset, int bytes) {
        return bytes >= prefix.length
                && java.util.Arrays.equals(array, offset, offset + prefix.length, prefix, 0, prefix.length);
    }

    private static int compare(byte[] a, byte[] b) {
        return ByteSearch.compare(a, 0, a.length, b, 0, b.length);
    }

    private static void seek(ArtScan scan, byte[] key, SeekMode mode) {
        scan.seek(key, 0, key.length, mode);
    }
}
