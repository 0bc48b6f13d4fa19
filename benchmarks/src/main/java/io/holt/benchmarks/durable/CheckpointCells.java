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
    private static final String NEW_BLOCKS = "checkpoint_new_blocks";
    private static final String USED_BLOCKS = "checkpoint_used_blocks";

    /** The old places stay until the new ones are named: the second checkpoint of all takes new ones too. */
    private static final int NEW_ROUNDS = 2;

    private static final int USED_ROUNDS = 3;

    /** Until the memory is found that copies of changed frames take. */
    private static final int WARM_UP_ROUNDS = 3;

    private static final int BESIDE_ROUNDS = 3;

    private final Rows rows;
    private final Path work;

    CheckpointCells(Rows rows, Path work) {
        this.rows = rows;
        this.work = work;
    }

    /**
     * Writes all frames, some times to new blocks of the disk, then to those that earlier checkpoints freed, and then
     * with a put of a random record after each other meanwhile: the first time, when copies of frames take memory that
     * the process never used, and later.
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
            rows.add("holt", records, NEW_BLOCKS, 1, checkpoints(db, tree, records, NEW_ROUNDS));
            rows.add("holt", records, USED_BLOCKS, 1, checkpoints(db, tree, records, USED_ROUNDS));
            Latencies first = new Latencies();
            besidePuts(db, tree, records, NEW_ROUNDS + USED_ROUNDS, first);
            rows.addAll("holt", records, "put_beside_first_checkpoint", 1, first.measurements());
            Latencies later = new Latencies();
            double[] rates = new double[BESIDE_ROUNDS];
            for (int round = 0; round < WARM_UP_ROUNDS + BESIDE_ROUNDS; round++) {
                Latencies latencies = new Latencies();
                double rate = besidePuts(db, tree, records, round, latencies);
                if (round >= WARM_UP_ROUNDS) {
                    later.addAll(latencies);
                    rates[round - WARM_UP_ROUNDS] = rate;
                }
            }
            rows.add("holt", records, "checkpoint_beside_puts", 1, Measurement.of(MIB, rates));
            rows.addAll("holt", records, "put_beside_checkpoint", 1, later.measurements());
        }
    }

    private static double besidePuts(HoltDb db, HoltTree tree, int records, int round, Latencies latencies)
            throws InterruptedException {
        dirtyAll(tree, records, round);
        AtomicBoolean over = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> putUntil(tree, records, over, latencies));
        long begin = System.nanoTime();
        db.checkpoint();
        double rate = rate(db.stats().lastCheckpointBytes(), begin);
        over.set(true);
        writer.join();
        return rate;
    }

    private static Measurement checkpoints(HoltDb db, HoltTree tree, int records, int rounds) {
        double[] rates = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            dirtyAll(tree, records, round);
            long begin = System.nanoTime();
            db.checkpoint();
            rates[round] = rate(db.stats().lastCheckpointBytes(), begin);
        }
        return Measurement.of(MIB, rates);
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

    /** The same bytes without an engine: to new files, and again to the same places. */
    void sequential(int records) {
        try (IoEngine io = IoEngines.open(IoEngineKind.AUTO);
                BlobBufPool pool = new BlobBufPool(DEPTH)) {
            double[] fresh = new double[NEW_ROUNDS];
            double[] again = new double[USED_ROUNDS];
            for (int round = 0; round < NEW_ROUNDS; round++) {
                try (IoFile file = io.open(work.resolve("sequential" + round), OpenMode.CREATE, Caching.DIRECT)) {
                    fresh[round] = sequential(file, pool, records);
                    for (int i = 0; round == NEW_ROUNDS - 1 && i < USED_ROUNDS; i++) {
                        again[i] = sequential(file, pool, records);
                    }
                }
            }
            rows.add("device", records, NEW_BLOCKS, 1, Measurement.of(MIB, fresh));
            rows.add("device", records, USED_BLOCKS, 1, Measurement.of(MIB, again));
        }
    }

    private static double sequential(IoFile file, BlobBufPool pool, int records) {
        int frames = Math.ceilDiv(records * VALUE_BYTES, FRAME_BYTES);
        long begin = System.nanoTime();
        if (file.size() == 0) {
            file.truncate((long) frames * FRAME_BYTES);
        }
        IoBatch batch = new IoBatch(DEPTH);
        for (int frame = 0; frame < frames; frame++) {
            batch.addWrite((long) frame * FRAME_BYTES, pool.address(frame % DEPTH), FRAME_BYTES);
            if (batch.room() == 0 || frame == frames - 1) {
                file.submit(batch);
                batch.clear();
            }
        }
        file.sync();
        return rate((long) frames * FRAME_BYTES, begin);
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
