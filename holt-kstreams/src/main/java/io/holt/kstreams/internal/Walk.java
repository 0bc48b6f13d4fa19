package io.holt.kstreams.internal;

import io.holt.api.HoltTree;
import io.holt.api.Scan;

/**
 * What an iterator walks over.
 *
 * @param tree whose keys
 * @param scan the bounds and the direction
 * @param spans the parts of the scan that are meant and those that are jumped over, or null if all of it is meant;
 *     used by one iterator
 * @param values the tree that holds the values under other keys, or null if {@code tree} holds them
 * @param valueKey how to make those keys, or null
 */
record Walk(HoltTree tree, Scan scan, Spans spans, HoltTree values, KeyReader<byte[]> valueKey) {

    /** All of a scan. */
    static Walk over(HoltTree tree, Scan scan) {
        return new Walk(tree, scan, null, null, null);
    }

    /** The same range in some buckets. */
    static Walk over(HoltTree tree, Spans spans) {
        return new Walk(tree, spans.scan(), spans, null, null);
    }

    /** The same walk over keys only, for values that lie in another tree. */
    Walk withValuesIn(HoltTree other, KeyReader<byte[]> otherKey) {
        return new Walk(tree, scan.keysOnly(), spans, other, otherKey);
    }
}
