package io.holt.examples.kstreams;

/**
 * What the processor keeps of a file; its event time is the timestamp of the store's value. Immutable.
 *
 * @param version 1 when created, one more with each resize
 * @param size bytes
 */
record FileEntry(long version, long size) {}
