package io.holt.flink.backend;

import java.time.Duration;
import org.apache.flink.runtime.state.metrics.LatencyTrackingStateConfig;
import org.apache.flink.runtime.state.metrics.SizeTrackingStateConfig;

/**
 * What the options say of one keyed state backend.
 *
 * @param timersOnHeap whether timers are kept as objects on the Java heap
 * @param ttlSweepInterval time between two walks of the background clean-up of expired state; zero for none
 */
public record BackendSettings(
        boolean timersOnHeap,
        Duration ttlSweepInterval,
        LatencyTrackingStateConfig latencyTracking,
        SizeTrackingStateConfig sizeTracking) {}
