package io.holt.benchmarks.durable;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.IoEngineKind;
import io.holt.api.MemoryBudget;
import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.harness.Measurement;
import io.holt.internal.io.Caching;
import io.holt.internal.io.IoBatch;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.OpenMode;
import io.holt.internal.memory.BlobBufPool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** A checkpoint of a GiB beside the same bytes written one after the other, and puts while it goes on. */
final class CheckpointCells {

    private static final int FRAME_BYTES = MemoryBudget.FRAME_BYTES;
    private static final int VALUE_BYTES = 1000;
    private static final int DEPTH = 8;
    private static final String MIB = "MiB/s";

    private final Rows rows;
    private final Path work;

    CheckpointCells(Rows rows, Path work) {
        this.rows = rows;
        this.work = work;
    }

    /**
     * Writes all frames, three times, with a put of a random record after each other meanwhile the last time.
     *
     * @param records of 1,000 bytes
     */
    void checkpoint(int records) throws InterruptedException {
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(4L * records * VALUE_BYTES)
                .durability(Durability.NONE)
                .checkpointDirtyBytes(0)
                .checkpointLogBytes(0)
                .checkpointAge(Duration.ZERO)
                .build();
        try (HoltDb db = Holt.open(work.resolve("store"), options)) {
            HoltTree tree = db.tree("benchmark");
            double[] rates = new double[2];
            for (int round = 0; round < rates.length; round++) {
                dirtyAll(tree, records, round);
                long begin = System.nanoTime();
                db.checkpoint();
                rates[round] = rate(db.stats().lastCheckpointBytes(), begin);
            }
            rows.add("holt", records, "checkpoint", 1, Measurement.of(MIB, rates));
            dirtyAll(tree, records, 2);
            Latencies latencies = new Latencies();
            AtomicBoolean over = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> putUntil(tree, records, over, latencies));
            long begin = System.nanoTime();
            db.checkpoint();
            double rate = rate(db.stats().lastCheckpointBytes(), begin);
            over.set(true);
            writer.join();
            rows.add("holt", records, "checkpoint_beside_puts", 1, Measurement.of(MIB, rate));
            rows.addAll("holt", records, "put_beside_checkpoint", 1, latencies.measurements());
        }
    }

    private static void dirtyAll(HoltTree tree, int records, int round) {
        byte[] value = new byte[VALUE_BYTES];
        for (int i = 0; i < records; i++) {
            value[i % VALUE_BYTES] = (byte) (i + round);
            tree.put(key(i), value);
        }
    }

    private static void putUntil(HoltTree tree, int records, AtomicBoolean over, Latencies latencies) {
        SplitMix64 random = new SplitMix64(7);
        byte[] value = new byte[VALUE_BYTES];
        long now = System.nanoTime();
        while (!over.get()) {
            tree.put(key((int) Long.remainderUnsigned(random.nextLong(), records)), value);
            long done = System.nanoTime();
            latencies.add(done - now);
            now = done;
        }
    }

    private static byte[] key(int number) {
        byte[] key = new byte[Integer.BYTES];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (number >>> (24 - 8 * i));
        }
        return key;
    }

    /** The same bytes without an engine: to a new file, and again to the same places. */
    void sequential(int records) {
        int frames = Math.ceilDiv(records * VALUE_BYTES, FRAME_BYTES);
        try (IoEngine io = IoEngines.open(IoEngineKind.AUTO);
                IoFile file = io.open(work.resolve("sequential"), OpenMode.CREATE, Caching.DIRECT);
                BlobBufPool pool = new BlobBufPool(DEPTH)) {
            double[] rates = new double[2];
            for (int round = 0; round < rates.length; round++) {
                long begin = System.nanoTime();
                IoBatch batch = new IoBatch(DEPTH);
                for (int frame = 0; frame < frames; frame++) {
                    batch.addWrite((long) frame * FRAME_BYTES, pool.address(frame % DEPTH), FRAME_BYTES);
                    if (batch.room() == 0 || frame == frames - 1) {
                        file.submit(batch);
                        batch.clear();
                    }
                }
                file.sync();
                rates[round] = rate((long) frames * FRAME_BYTES, begin);
            }
            rows.add("device", records, "checkpoint", 1, Measurement.of(MIB, rates));
        }
    }

    private static double rate(long bytes, long begin) {
        return bytes / (double) (1 << 20) * 1e9 / (System.nanoTime() - begin);
    }

    /** Disk taken by a data set after a checkpoint, by the record. */
    void disk(int records) {
        Dataset dataset = Dataset.of(DatasetKind.OBJSTORE, records, Dataset.SCALE_DIGITS);
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(Math.max(256L << 20, 4 * dataset.bytes()))
                .build();
        try (HoltDb db = Holt.open(work.resolve("disk"), options)) {
            HoltTree tree = db.tree("benchmark");
            for (int i = 0; i < records; i++) {
                tree.put(dataset.key(i), dataset.value(i));
            }
            db.checkpoint();
            add(records, "disk_in_order", db.stats().fileBytes());
            db.vacuum();
            add(records, "disk_in_order_vacuumed", db.stats().fileBytes());
        }
        rows.add(
                "raw",
                records,
                "disk_in_order",
                1,
                Measurement.of(Measurement.MEMORY, (double) dataset.bytes() / records));
    }

    private void add(int records, String operation, long bytes) {
        rows.add("holt", records, operation, 1, Measurement.of(Measurement.MEMORY, (double) bytes / records));
    }
}
