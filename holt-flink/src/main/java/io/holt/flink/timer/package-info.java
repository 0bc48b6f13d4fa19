/** Timers: key-grouped priority queues on trees. */
package io.holt.flink.timer;
