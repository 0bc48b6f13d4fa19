package org.apache.kafka.streams.state.internals;

import io.holt.kstreams.internal.SegmentSettings;

/** Buckets as long as the built-in store's segments. */
final class HoltWindowContractTest extends HoltWindowContract {

    @Override
    SegmentSettings segments(long retentionPeriod, long windowSize) {
        return SegmentSettings.of(retentionPeriod);
    }
}
