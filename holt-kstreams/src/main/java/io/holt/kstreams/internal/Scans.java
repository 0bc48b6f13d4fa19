package io.holt.kstreams.internal;

import io.holt.api.Scan;
import java.util.Arrays;

/** Scans of one tree, one after the other. */
interface Scans {

    /** How many there are, at least one. */
    int count();

    /**
     * What the keys of some scans begin with, if each is likely to have few records: then they are read together.
     *
     * @param first the scan to begin with
     * @return prefixes that all records of this scan and of those behind it start with, one a scan, up to 16; or null
     */
    default byte[][] prefixes(int first) {
        return null;
    }

    /** Whether a key that starts with its scan's prefix belongs to the scan. */
    default boolean contains(byte[] array, int offset, int length) {
        return true;
    }

    /** Whether all scans are in descending order; asked of those that are read together. */
    default boolean isReverse() {
        return false;
    }

    /** One of them, 0 to {@code count() - 1}. */
    Scan scan(int index);

    /** A single scan. */
    static Scans of(Scan scan) {
        return new Scans() {
            @Override
            public int count() {
                return 1;
            }

            @Override
            public Scan scan(int index) {
                return scan;
            }
        };
    }

    /**
     * The keys from one to another, both included. The scan keeps to what all of them begin with: so it ends by itself,
     * and reads nothing beyond.
     *
     * @param from null leaves this end open
     * @param to null leaves this end open
     */
    static Scan range(byte[] from, byte[] to) {
        Scan scan = from == null || to == null ? Scan.all() : Scan.prefix(Arrays.copyOf(from, commonBytes(from, to)));
        scan = from == null ? scan : scan.from(from, true);
        return to == null ? scan : scan.to(to, true);
    }

    /** How many first bytes all keys from one to another share. */
    static int commonBytes(byte[] from, byte[] to) {
        int differing = Arrays.mismatch(from, to);
        return differing < 0 ? from.length : differing;
    }
}
