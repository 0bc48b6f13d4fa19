package io.holt.kstreams.internal;

/**
 * Makes the key that an iterator gives out from the bytes of a tree's key.
 *
 * @param <K> what the iterator's keys are
 */
@FunctionalInterface
interface KeyReader<K> {

    /** Reads the key in {@code array[offset, offset + length)}; does not keep the array. */
    K read(byte[] array, int offset, int length);
}
