package io.holt.flink.backend;

import io.holt.api.DbStats;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.flink.snapshot.UploadFigures;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * A backend's figures as Flink metrics, in the group {@value #GROUP} of its operator. Reporters ask from threads of
 * their own, also after the database was closed; then they get the last figures.
 */
final class DatabaseMetrics {

    static final String GROUP = "holt";

    /** Figures are read from the database at most so often, however many of them are asked for. */
    private static final long MAX_AGE_NANOS = 1_000_000_000;

    private final HoltDb db;
    private DbStats stats;
    private long readNanos;

    private DatabaseMetrics(HoltDb db) {
        this.db = db;
        this.stats = db.stats();
        this.readNanos = System.nanoTime();
    }

    static void register(MetricGroup operator, HoltDb db, Supplier<UploadFigures> uploads, TtlSweeper sweeper) {
        MetricGroup group = operator.addGroup(GROUP);
        DatabaseMetrics metrics = new DatabaseMetrics(db);
        metrics.gauge(group, "frames", DbStats::frames);
        metrics.gauge(group, "framesCached", DbStats::residentFrames);
        metrics.gauge(group, "framesKeptForSnapshots", DbStats::preImages);
        metrics.gauge(group, "evictions", DbStats::evictions);
        metrics.gauge(group, "framesRead", DbStats::loads);
        metrics.gauge(group, "memoryUsedBytes", DbStats::memoryUsedBytes);
        metrics.gauge(group, "slotMemoryBytes", DbStats::memoryCapacityBytes);
        metrics.gauge(group, "localFileBytes", DbStats::fileBytes);
        metrics.gauge(group, "openSnapshots", DbStats::openSnapshots);
        metrics.gauge(group, "ioEngine", DbStats::ioEngine);
        upload(group, "checkpointFrames", uploads, UploadFigures::frames);
        upload(group, "checkpointUploadedFrames", uploads, UploadFigures::uploadedFrames);
        upload(group, "checkpointUploadedBytes", uploads, UploadFigures::uploadedBytes);
        upload(group, "checkpointPacks", uploads, UploadFigures::packs);
        group.gauge("expiredRecordsRemoved", sweeper::removedRecords);
    }

    private <T> void gauge(MetricGroup group, String name, Function<DbStats, T> figure) {
        Gauge<T> gauge = () -> figure.apply(stats());
        group.gauge(name, gauge);
    }

    private static void upload(
            MetricGroup group, String name, Supplier<UploadFigures> uploads, Function<UploadFigures, Long> figure) {
        Gauge<Long> gauge = () -> figure.apply(uploads.get());
        group.gauge(name, gauge);
    }

    private synchronized DbStats stats() {
        if (System.nanoTime() - readNanos > MAX_AGE_NANOS) {
            try {
                stats = db.stats();
            } catch (HoltClosedException e) {
                return stats;
            }
            readNanos = System.nanoTime();
        }
        return stats;
    }
}
