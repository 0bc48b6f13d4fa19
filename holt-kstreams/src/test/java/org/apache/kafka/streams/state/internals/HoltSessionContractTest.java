package org.apache.kafka.streams.state.internals;

import io.holt.kstreams.internal.SegmentSettings;

/** Without a tree in order of time. */
final class HoltSessionContractTest extends HoltSessionContract {

    @Override
    SegmentSettings segments(long retentionPeriod) {
        return SegmentSettings.of(retentionPeriod);
    }
}
