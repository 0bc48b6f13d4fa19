package io.holt.flink.backend;

import io.holt.api.DbStats;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.flink.snapshot.UploadFigures;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * A backend's figures as Flink metrics, in the group {@value #GROUP} of its operator. Reporters ask from threads of
 * their own, also after the database was closed; then they get the last figures.
 */
final class DatabaseMetrics {

    static final String GROUP = "holt";

    private static final long FRAME_BYTES = 512 * 1024;

    /** Figures are read from the database at most so often, however many of them are asked for. */
    private static final long MAX_AGE_NANOS = 1_000_000_000;

    private final HoltDb db;
    private final BackendSnapshots<?> snapshots;
    private final LongSupplier uses;
    private Figures figures;
    private long readNanos;

    /**
     * The database's figures at one moment.
     *
     * @param uses how often states were used until then
     * @param hitRate 0 to 1: the share of the uses since the figures before for which no frame had to be read in
     */
    private record Figures(DbStats stats, long dirtyBytes, long uses, double hitRate) {}

    private DatabaseMetrics(HoltDb db, BackendSnapshots<?> snapshots, LongSupplier uses) {
        this.db = db;
        this.snapshots = snapshots;
        this.uses = uses;
        this.figures = read(null);
        this.readNanos = System.nanoTime();
    }

    /**
     * Registers the figures of a backend.
     *
     * @param uses how often states were used; may be asked from any thread
     */
    static void register(
            MetricGroup operator,
            OpenDatabase database,
            BackendSnapshots<?> snapshots,
            LongSupplier uses,
            TtlSweeper sweeper) {
        MetricGroup group = operator.addGroup(GROUP);
        DatabaseMetrics metrics = new DatabaseMetrics(database.db(), snapshots, uses);
        metrics.gauge(group, "frames", figures -> figures.stats().frames());
        metrics.gauge(group, "framesCached", figures -> figures.stats().residentFrames());
        metrics.gauge(
                group, "framesKeptForSnapshots", figures -> figures.stats().preImages());
        metrics.gauge(group, "evictions", figures -> figures.stats().evictions());
        metrics.gauge(group, "framesRead", figures -> figures.stats().loads());
        metrics.gauge(group, "hitRate", Figures::hitRate);
        metrics.gauge(group, "dirtyBytes", Figures::dirtyBytes);
        metrics.gauge(group, "memoryUsedBytes", figures -> figures.stats().memoryUsedBytes());
        metrics.gauge(group, "slotMemoryBytes", figures -> figures.stats().memoryCapacityBytes());
        metrics.gauge(group, "localFileBytes", figures -> figures.stats().fileBytes());
        metrics.gauge(group, "openSnapshots", figures -> figures.stats().openSnapshots());
        metrics.gauge(group, "ioEngine", figures -> figures.stats().ioEngine());
        upload(group, "checkpointFrames", snapshots, UploadFigures::frames);
        upload(group, "checkpointUploadedFrames", snapshots, UploadFigures::uploadedFrames);
        upload(group, "checkpointUploadedBytes", snapshots, UploadFigures::uploadedBytes);
        upload(group, "checkpointPacks", snapshots, UploadFigures::packs);
        group.gauge("expiredRecordsRemoved", sweeper::removedRecords);
        group.gauge("framesToRestore", database::framesToRestore);
        group.gauge("restoredAfterMillis", database::restoredAfterMillis);
    }

    private <T> void gauge(MetricGroup group, String name, Function<Figures, T> figure) {
        Gauge<T> gauge = () -> figure.apply(figures());
        group.gauge(name, gauge);
    }

    private static void upload(
            MetricGroup group, String name, BackendSnapshots<?> snapshots, Function<UploadFigures, Long> figure) {
        Gauge<Long> gauge = () -> figure.apply(snapshots.lastUpload());
        group.gauge(name, gauge);
    }

    private synchronized Figures figures() {
        if (System.nanoTime() - readNanos > MAX_AGE_NANOS) {
            try {
                figures = read(figures);
            } catch (HoltClosedException e) {
                return figures;
            }
            readNanos = System.nanoTime();
        }
        return figures;
    }

    private Figures read(Figures before) {
        DbStats stats = db.stats();
        long dirtyBytes = db.framesChangedSince(snapshots.confirmedEpoch()) * FRAME_BYTES;
        long used = uses.getAsLong();
        if (before == null) {
            return new Figures(stats, dirtyBytes, used, 1);
        }
        long usesSince = used - before.uses();
        long misses = stats.loads() - before.stats().loads();
        // A use may miss several frames; those that other threads missed are counted too.
        double hitRate = usesSince <= 0 ? before.hitRate() : Math.max(0, 1 - (double) misses / usesSince);
        return new Figures(stats, dirtyBytes, used, hitRate);
    }
}
