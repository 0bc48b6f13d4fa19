package io.holt.kstreams.internal;

import io.holt.api.DbStats;
import io.holt.api.HoltClosedException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.metrics.StreamsMetricsImpl;
import org.apache.kafka.streams.processor.internals.metrics.TaskMetrics;

/**
 * What a store shows of itself among the metrics of Kafka Streams, at the level of the store: in JMX under
 * {@code kafka.streams:type=stream-state-metrics}. Gauges, so they cost nothing until they are read. Kafka Streams
 * removes them when the store is closed.
 */
final class StoreMetrics {

    private StoreMetrics() {}

    /**
     * Registers the metrics of a store.
     *
     * @param scope the kind of store, as the supplier names it
     * @param store answers the open store, or null while it is closed
     */
    static void register(StateStoreContext context, String scope, String name, Supplier<OpenStore> store) {
        if (!(context.metrics() instanceof StreamsMetricsImpl metrics)) {
            return;
        }
        String task = context.taskId().toString();
        Registrar registrar = new Registrar(metrics, task, scope, name, store);
        registrar.add(
                "holt-get-hit-total",
                "Reads of one key that found it",
                opened -> opened.counters().hits());
        registrar.add(
                "holt-get-miss-total",
                "Reads of one key that found nothing",
                opened -> opened.counters().misses());
        registrar.add(
                "holt-restored-records-total",
                "Records of the changelog applied",
                opened -> opened.counters().restoredRecords());
        registrar.add("holt-open-iterators", "Iterators not yet closed", opened -> (long) opened.openIterators());
        registrar.addStat("holt-frames", "Frames of 512 KiB that the store's records take", DbStats::frames);
        registrar.addStat("holt-frames-resident", "Those of them in memory", DbStats::residentFrames);
        registrar.addStat("holt-frames-frozen", "Frames kept in memory for iterators only", DbStats::preImages);
        registrar.addStat("holt-frame-evict-total", "Frames that left memory for others", DbStats::evictions);
        registrar.addStat("holt-frame-load-total", "Frames read in again from the files", DbStats::loads);
        registrar.addStat("holt-memory-used-bytes", "Off-heap memory in use by this store", DbStats::memoryUsedBytes);
        registrar.addStat(
                "holt-memory-capacity-bytes",
                "Off-heap memory that all Holt stores of the process share",
                DbStats::memoryCapacityBytes);
        registrar.addStat("holt-file-bytes", "Bytes that the store takes on disk", DbStats::fileBytes);
        registrar.addStat("holt-checkpoint-total", "Commits that wrote something", DbStats::checkpoints);
        registrar.addStat(
                "holt-checkpoint-last-bytes", "Bytes that the newest of them wrote", DbStats::lastCheckpointBytes);
        registrar.addStat(
                "holt-checkpoint-last-nanos", "Time that the newest of them took", DbStats::lastCheckpointNanos);
        registrar.addText("holt-io-engine", "The I/O engine in use", DbStats::ioEngine);
    }

    /** The task's sensor of records that came too late, or null if the context has none. */
    static Sensor droppedRecords(StateStoreContext context) {
        return context.metrics() instanceof StreamsMetricsImpl metrics
                ? TaskMetrics.droppedRecordsSensor(
                        Thread.currentThread().getName(), context.taskId().toString(), metrics)
                : null;
    }

    private record Registrar(
            StreamsMetricsImpl metrics, String task, String scope, String name, Supplier<OpenStore> store) {

        void addStat(String metric, String description, Function<DbStats, Long> value) {
            add(metric, description, opened -> value.apply(opened.db().stats()));
        }

        void addText(String metric, String description, Function<DbStats, String> value) {
            register(
                    metric,
                    description,
                    (config, now) -> read(opened -> value.apply(opened.db().stats()), "none"));
        }

        void add(String metric, String description, Function<OpenStore, Long> value) {
            register(metric, description, (config, now) -> read(value, 0L));
        }

        private <T> T read(Function<OpenStore, T> value, T whileClosed) {
            OpenStore opened = store.get();
            if (opened == null) {
                return whileClosed;
            }
            try {
                return value.apply(opened);
            } catch (HoltClosedException e) {
                // It was closed just now.
                return whileClosed;
            }
        }

        private <T> void register(String metric, String description, Gauge<T> gauge) {
            metrics.addStoreLevelMutableMetric(
                    task, scope, name, metric, description, Sensor.RecordingLevel.INFO, gauge);
        }
    }
}
