package io.holt.kstreams.internal;

final class CachedTimestampedKafkaContractTest extends KafkaContract {

    CachedTimestampedKafkaContractTest() {
        super(StoreKind.TIMESTAMPED, true);
    }
}
