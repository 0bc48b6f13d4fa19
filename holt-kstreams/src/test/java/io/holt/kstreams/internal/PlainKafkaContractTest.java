package io.holt.kstreams.internal;

final class PlainKafkaContractTest extends KafkaContract {

    PlainKafkaContractTest() {
        super(StoreKind.PLAIN, false);
    }
}
