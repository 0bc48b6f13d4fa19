package io.holt.kstreams.internal;

import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.VersionedBytesStoreSupplier;
import org.apache.kafka.streams.state.internals.VersionedKeyValueToBytesStoreAdapter;

/** Makes versioned key-value stores of one name. */
public final class HoltVersionedSupplier implements VersionedBytesStoreSupplier {

    private final String name;
    private final long historyMillis;
    private final long bucketMillis;
    private final StoreDatabases databases;

    public HoltVersionedSupplier(String name, long historyMillis, long bucketMillis, StoreDatabases databases) {
        this.name = Objects.requireNonNull(name, "name cannot be null");
        this.historyMillis = historyMillis;
        this.bucketMillis = bucketMillis;
        this.databases = databases;
    }

    /**
     * The length of a bucket where none was asked for: that of the built-in store's segments, which grows from a
     * third of a short history to a 24th of a long one.
     */
    public static long defaultBucketMillis(long historyMillis) {
        if (historyMillis <= 60_000L) {
            return Math.max(historyMillis / 3, 2_000L);
        } else if (historyMillis <= 300_000L) {
            return Math.max(historyMillis / 5, 20_000L);
        } else if (historyMillis <= 3_600_000L) {
            return Math.max(historyMillis / 12, 60_000L);
        }
        return Math.max(historyMillis / 24, 300_000L);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long historyRetentionMs() {
        return historyMillis;
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
        return new VersionedKeyValueToBytesStoreAdapter(
                new HoltVersionedStore(name, historyMillis, bucketMillis, databases));
    }

    @Override
    public String metricsScope() {
        return HoltKeyValueSupplier.METRICS_SCOPE;
    }

    @Override
    public String toString() {
        return "HoltVersionedSupplier(" + name + ", history " + historyMillis + " ms, buckets of " + bucketMillis
                + " ms)";
    }
}
