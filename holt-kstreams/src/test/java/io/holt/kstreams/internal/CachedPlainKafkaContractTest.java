package io.holt.kstreams.internal;

final class CachedPlainKafkaContractTest extends KafkaContract {

    CachedPlainKafkaContractTest() {
        super(StoreKind.PLAIN, true);
    }
}
