package io.holt.kstreams.internal;

import io.holt.api.HoltTree;
import io.holt.api.Scan;

/**
 * What an iterator walks over.
 *
 * @param tree whose keys
 * @param scans the bounds and the direction
 * @param filter which of the records are meant, or null if all are
 * @param values the tree that holds the values under other keys, or null if {@code tree} holds them
 * @param valueKey how to make those keys, or null
 */
record Walk(HoltTree tree, Scans scans, RecordFilter filter, HoltTree values, KeyReader<byte[]> valueKey) {

    /** All of a scan. */
    static Walk over(HoltTree tree, Scan scan) {
        return new Walk(tree, Scans.of(scan), null, null, null);
    }

    /** Some records of several scans. */
    static Walk over(HoltTree tree, Scans scans, RecordFilter filter) {
        return new Walk(tree, scans, filter, null, null);
    }

    /**
     * All of several scans.
     *
     * @param values the tree that holds the values under other keys
     * @param valueKey how to make those keys
     */
    static Walk overIndex(HoltTree tree, Scans scans, HoltTree values, KeyReader<byte[]> valueKey) {
        return new Walk(tree, scans, null, values, valueKey);
    }

    /** One of the scans. */
    Scan scan(int index) {
        Scan scan = scans.scan(index);
        return values == null ? scan : scan.keysOnly();
    }
}
