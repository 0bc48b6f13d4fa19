package io.holt.benchmarks.durable;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.harness.Measurement;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Opening after a clean close, and after the death of a process whose log is long. */
final class OpenCells {

    private static final int REOPENINGS = 9;
    private static final String MILLIS = "ms";
    private static final String RECORDS = "records/s";

    private final Rows rows;
    private final Path work;

    OpenCells(Rows rows, Path work) {
        this.rows = rows;
        this.work = work;
    }

    /** Until the first record was read; the directory is in the page cache as far as the engine uses that. */
    void reopen(int records) {
        Dataset dataset = Dataset.of(DatasetKind.OBJSTORE, records, Dataset.SCALE_DIGITS);
        HoltOptions options = options(dataset, Durability.ASYNC);
        Path directory = work.resolve("reopen");
        try (HoltDb db = Holt.open(directory, options)) {
            load(db.tree("benchmark"), dataset);
        }
        double[] opening = new double[REOPENINGS];
        double[] closing = new double[REOPENINGS];
        for (int i = 0; i < REOPENINGS; i++) {
            long begin = System.nanoTime();
            HoltDb db = Holt.open(directory, options);
            byte[] found = db.tree("benchmark").get(dataset.key(i));
            long opened = System.nanoTime();
            db.close();
            closing[i] = (System.nanoTime() - opened) / 1e6;
            opening[i] = (opened - begin) / 1e6;
            if (found == null) {
                throw new IllegalStateException("a record is missing");
            }
        }
        rows.add("holt", records, "reopen", 1, Measurement.of(MILLIS, opening));
        rows.add("holt", records, "close_unchanged", 1, Measurement.of(MILLIS, closing));
    }

    /**
     * Replays puts.
     *
     * @param keys distinct ones among them
     */
    void replay(int records, int keys) throws IOException {
        Dataset dataset = Dataset.of(DatasetKind.OBJSTORE, keys, Dataset.SCALE_DIGITS);
        HoltOptions options = options(dataset, Durability.ASYNC);
        Path directory = Files.createDirectories(work.resolve("replay" + keys));
        Path copy = Files.createDirectories(work.resolve("copy" + keys));
        try (HoltDb db = Holt.open(directory, options)) {
            HoltTree tree = db.tree("benchmark");
            for (int i = 0; i < records; i++) {
                tree.put(dataset.key(i % keys), dataset.value(i % keys));
            }
            // What another process would find if this one died now.
            try (Stream<Path> files = Files.list(directory)) {
                List<Path> all = files.toList();
                for (Path file : all) {
                    Path target = Files.copy(file, copy.resolve(file.getFileName()));
                    // As the writer does with finished segments: opening is not to wait for what copying left.
                    try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
                        channel.force(true);
                    }
                }
            }
        }
        long begin = System.nanoTime();
        try (HoltDb db = Holt.open(copy, options)) {
            double rate = records * 1e9 / (System.nanoTime() - begin);
            rows.add("holt", records, "replay_over_" + keys + "_keys", 1, Measurement.of(RECORDS, rate));
            if (db.tree("benchmark").get(dataset.key(keys - 1)) == null) {
                throw new IllegalStateException("a record is missing");
            }
        }
    }

    private static void load(HoltTree tree, Dataset dataset) {
        for (int i = 0; i < dataset.records(); i++) {
            tree.put(dataset.key(i), dataset.value(i));
        }
    }

    private static HoltOptions options(Dataset dataset, Durability durability) {
        return HoltOptions.builder()
                .memoryBytes(Math.max(256L << 20, 4 * dataset.bytes()))
                .durability(durability)
                .checkpointDirtyBytes(0)
                .checkpointLogBytes(0)
                .checkpointAge(Duration.ZERO)
                .build();
    }
}
