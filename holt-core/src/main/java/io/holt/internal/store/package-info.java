/**
 * Durable blobs: where frames lie in the data file, the manifest that makes a checkpoint visible in one step, and the
 * lock that keeps other writers out. Knows bytes and places, not what a frame holds.
 *
 * <p>Latency-critical paths: {@link io.holt.internal.store.BlobStore#read} of a frame that is not in memory, and
 * {@link io.holt.internal.store.BlobStore#submit} of the frames of a checkpoint.
 */
package io.holt.internal.store;
