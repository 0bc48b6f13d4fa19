package io.holt.flink.backend;

import java.time.Duration;
import org.apache.flink.runtime.state.metrics.LatencyTrackingStateConfig;
import org.apache.flink.runtime.state.metrics.SizeTrackingStateConfig;

/**
 * What the options say of one keyed state backend.
 *
 * @param timersOnHeap whether timers are kept as objects on the Java heap
 * @param incremental whether checkpoints hold frames, written when they changed; else all records
 * @param packBytes bytes after which a stream of frames is closed
 * @param packLiveShare streams of frames of which less than this share, 0 to 1, is in use are written again
 * @param lazyRestoreBytes state of frames of so many bytes or more is read when it is asked for, and in the background
 * @param metrics whether figures of the database are registered as metrics
 * @param ttlSweepInterval time between two walks of the background clean-up of expired state; zero for none
 */
public record BackendSettings(
        boolean timersOnHeap,
        boolean incremental,
        long packBytes,
        double packLiveShare,
        long lazyRestoreBytes,
        boolean metrics,
        Duration ttlSweepInterval,
        LatencyTrackingStateConfig latencyTracking,
        SizeTrackingStateConfig sizeTracking) {}
