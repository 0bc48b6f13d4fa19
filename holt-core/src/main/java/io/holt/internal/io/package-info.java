/**
 * The kernel: files, directories and locks behind {@link io.holt.internal.io.IoEngine}, in three implementations that
 * pass one contract test, and the system calls under them.
 *
 * <p>Latency-critical paths: {@link io.holt.internal.io.IoFile#read} for a frame that is not in memory,
 * {@link io.holt.internal.io.IoFile#submit} for the frames of a checkpoint, {@link io.holt.internal.io.IoFile#write}
 * and {@link io.holt.internal.io.IoFile#sync} for the log.
 */
package io.holt.internal.io;
