package io.holt.kstreams.internal;

import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.HeadersBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;

/** Makes key-value stores of one name and kind. */
public class HoltKeyValueSupplier implements KeyValueBytesStoreSupplier {

    /** The word that stands for the engine in the names of the metrics that Kafka Streams keeps of each store. */
    static final String METRICS_SCOPE = "holt";

    private final String name;
    private final StoreKind kind;
    private final StoreDatabases databases;

    public HoltKeyValueSupplier(String name, StoreKind kind, StoreDatabases databases) {
        this.name = Objects.requireNonNull(name, "name cannot be null");
        this.kind = kind;
        this.databases = databases;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
        return switch (kind) {
            case PLAIN -> new HoltKeyValueStore(name, kind, databases);
            case TIMESTAMPED -> new HoltTimestampedKeyValueStore(name, databases);
            case HEADERS -> new HoltHeadersKeyValueStore(name, databases);
            default -> throw new IllegalStateException("no key-value store is of the kind " + kind);
        };
    }

    @Override
    public String metricsScope() {
        return METRICS_SCOPE;
    }

    @Override
    public String toString() {
        return "HoltKeyValueSupplier(" + name + ", " + kind.label() + ")";
    }

    /** By the marker interface the DSL knows that the stores keep headers. */
    public static final class WithHeaders extends HoltKeyValueSupplier implements HeadersBytesStoreSupplier {

        public WithHeaders(String name, StoreDatabases databases) {
            super(name, StoreKind.HEADERS, databases);
        }
    }
}
