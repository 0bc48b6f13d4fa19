package org.apache.kafka.streams.state.internals;

import io.holt.kstreams.internal.SegmentSettings;

/** With a tree in order of time. */
final class HoltTimeIndexedWindowContractTest extends HoltWindowContract {

    @Override
    SegmentSettings segments(long retentionPeriod, long windowSize) {
        return SegmentSettings.of(retentionPeriod).timeIndexed();
    }
}
