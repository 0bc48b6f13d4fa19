/**
 * Durable intent: the write-ahead log, a sequence of records in segments of files, written before a change counts as
 * done and replayed when a store is opened. Knows changes as bytes, not trees.
 *
 * <p>Latency-critical path: {@link io.holt.internal.wal.WalWriter#append}, which is called with a frame latched, and
 * {@link io.holt.internal.wal.WalWriter#commit}.
 */
package io.holt.internal.wal;
