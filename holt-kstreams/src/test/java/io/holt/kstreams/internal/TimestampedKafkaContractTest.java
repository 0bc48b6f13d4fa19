package io.holt.kstreams.internal;

final class TimestampedKafkaContractTest extends KafkaContract {

    TimestampedKafkaContractTest() {
        super(StoreKind.TIMESTAMPED, false);
    }
}
