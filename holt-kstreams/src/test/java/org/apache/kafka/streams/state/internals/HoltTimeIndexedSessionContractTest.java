package org.apache.kafka.streams.state.internals;

import io.holt.kstreams.internal.SegmentSettings;

/** With a tree in order of time. */
final class HoltTimeIndexedSessionContractTest extends HoltSessionContract {

    @Override
    SegmentSettings segments(long retentionPeriod) {
        return SegmentSettings.of(retentionPeriod).timeIndexed();
    }
}
