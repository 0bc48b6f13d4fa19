package io.holt.kstreams.internal;

final class HeadersKafkaContractTest extends KafkaContract {

    HeadersKafkaContractTest() {
        super(StoreKind.HEADERS, false);
    }
}
