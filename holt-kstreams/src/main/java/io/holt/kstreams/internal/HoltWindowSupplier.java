package io.holt.kstreams.internal;

import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.HeadersBytesStoreSupplier;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;
import org.apache.kafka.streams.state.WindowStore;

/** Makes window stores of one name and kind. */
public class HoltWindowSupplier implements WindowBytesStoreSupplier {

    /** As {@link HoltKeyValueSupplier#METRICS_SCOPE}. */
    static final String METRICS_SCOPE = "holt-window";

    private final String name;
    private final StoreKind kind;
    private final WindowSettings settings;
    private final StoreDatabases databases;

    public HoltWindowSupplier(String name, StoreKind kind, WindowSettings settings, StoreDatabases databases) {
        this.name = Objects.requireNonNull(name, "name cannot be null");
        this.kind = kind;
        this.settings = settings;
        this.databases = databases;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public WindowStore<Bytes, byte[]> get() {
        return switch (kind) {
            case WINDOW -> new HoltWindowStore(name, kind, settings, databases);
            case TIMESTAMPED_WINDOW -> new HoltTimestampedWindowStore(name, kind, settings, databases);
            case HEADERS_WINDOW -> new HoltHeadersWindowStore(name, settings, databases);
            default -> throw new IllegalStateException("no window store is of the kind " + kind);
        };
    }

    @Override
    public String metricsScope() {
        return METRICS_SCOPE;
    }

    @Override
    public long segmentIntervalMs() {
        return settings.segments().bucketMillis();
    }

    @Override
    public long windowSize() {
        return settings.windowMillis();
    }

    @Override
    public boolean retainDuplicates() {
        return settings.retainsDuplicates();
    }

    @Override
    public long retentionPeriod() {
        return settings.segments().retentionMillis();
    }

    @Override
    public String toString() {
        return "HoltWindowSupplier(" + name + ", " + kind.label() + ", " + settings + ")";
    }

    /** By the marker interface the DSL knows that the stores keep headers. */
    public static final class WithHeaders extends HoltWindowSupplier implements HeadersBytesStoreSupplier {

        public WithHeaders(String name, WindowSettings settings, StoreDatabases databases) {
            super(name, StoreKind.HEADERS_WINDOW, settings, databases);
        }
    }
}
