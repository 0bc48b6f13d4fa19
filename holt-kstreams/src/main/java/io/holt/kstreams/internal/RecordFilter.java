package io.holt.kstreams.internal;

/** Says of the keys within the bounds of a walk which are meant. */
@FunctionalInterface
interface RecordFilter {

    /** Whether the tree's key in {@code array[offset, offset + length)} is meant; does not keep the array. */
    boolean accepts(byte[] array, int offset, int length);
}
