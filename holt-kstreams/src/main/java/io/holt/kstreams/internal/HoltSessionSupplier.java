package io.holt.kstreams.internal;

import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.HeadersBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionStore;

/** Makes session stores of one name and kind. */
public class HoltSessionSupplier implements SessionBytesStoreSupplier {

    /** As {@link HoltKeyValueSupplier#METRICS_SCOPE}. */
    static final String METRICS_SCOPE = "holt-session";

    private final String name;
    private final StoreKind kind;
    private final SegmentSettings segments;
    private final StoreDatabases databases;

    public HoltSessionSupplier(String name, StoreKind kind, SegmentSettings segments, StoreDatabases databases) {
        this.name = Objects.requireNonNull(name, "name cannot be null");
        this.kind = kind;
        this.segments = segments;
        this.databases = databases;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SessionStore<Bytes, byte[]> get() {
        return switch (kind) {
            case SESSION -> new HoltSessionStore(name, kind, segments, databases);
            case HEADERS_SESSION -> new HoltHeadersSessionStore(name, segments, databases);
            default -> throw new IllegalStateException("no session store is of the kind " + kind);
        };
    }

    @Override
    public String metricsScope() {
        return METRICS_SCOPE;
    }

    @Override
    public long segmentIntervalMs() {
        return segments.bucketMillis();
    }

    @Override
    public long retentionPeriod() {
        return segments.retentionMillis();
    }

    @Override
    public String toString() {
        return "HoltSessionSupplier(" + name + ", " + kind.label() + ", " + segments + ")";
    }

    /** By the marker interface the DSL knows that the stores keep headers. */
    public static final class WithHeaders extends HoltSessionSupplier implements HeadersBytesStoreSupplier {

        public WithHeaders(String name, SegmentSettings segments, StoreDatabases databases) {
            super(name, StoreKind.HEADERS_SESSION, segments, databases);
        }
    }
}
