package org.apache.kafka.streams.state.internals;

import io.holt.kstreams.internal.SegmentSettings;

/** Buckets of a single millisecond: every fetch jumps from bucket to bucket. */
final class HoltManyBucketsWindowContractTest extends HoltWindowContract {

    @Override
    SegmentSettings segments(long retentionPeriod, long windowSize) {
        return new SegmentSettings(retentionPeriod, 1, false, false);
    }
}
