package io.holt.cli;

import io.holt.Holt;
import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.IoEngineKind;
import io.holt.api.Scan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A quick look at what this machine and disk give: puts, gets, a scan, a checkpoint. No benchmark to publish. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Fills a new database and says how long that, reading, scanning and a checkpoint took.")
final class BenchCommand implements Callable<Integer> {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final int MOST_WAITS = 4_000_000;

    @Parameters(index = "0", paramLabel = "DIRECTORY", description = "an empty or new directory; the database stays")
    private Path directory;

    @Option(names = "--records", defaultValue = "1000000", description = "how many (default: ${DEFAULT-VALUE})")
    private int records;

    @Option(
            names = "--value-bytes",
            defaultValue = "100",
            description = "length of a value (default: ${DEFAULT-VALUE})")
    private int valueBytes;

    @Option(
            names = "--threads",
            defaultValue = "1",
            description = "how many write and read (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--durability", defaultValue = "ASYNC", description = "${COMPLETION-CANDIDATES}")
    private Durability durability;

    @Option(names = "--engine", defaultValue = "AUTO", description = "${COMPLETION-CANDIDATES}")
    private IoEngineKind engine;

    @Option(names = "--memory", defaultValue = "1024", description = "MiB of frames (default: ${DEFAULT-VALUE})")
    private long memoryMib;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        check("--records", records, 1);
        check("--value-bytes", valueBytes, 0);
        check("--threads", threads, 1);
        checkIsNew();
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(memoryMib << 20)
                .durability(durability)
                .ioEngine(engine)
                .build();
        try (HoltDb db = Holt.open(directory, options);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            HoltTree tree = db.tree("bench");
            byte[] value = new byte[valueBytes];
            report("put", records, time(pool, key -> tree.put(key, value)));
            report("get", records, time(pool, key -> {
                if (tree.get(key) == null) {
                    throw new IllegalStateException("a record that was put is not there; this is a bug");
                }
            }));
            long start = System.nanoTime();
            long found = 0;
            try (Cursor cursor = tree.scan(Scan.all())) {
                while (cursor.next()) {
                    found++;
                }
            }
            report("scan", found, System.nanoTime() - start);
            checkpoint(db, tree, value);
        }
        return 0;
    }

    private void check(String option, int value, int least) {
        if (value < least) {
            throw new ParameterException(
                    spec.commandLine(), "option " + option + " can't be " + value + "; give " + least + " or more");
        }
    }

    /** Nobody's database is to be filled with a million records. */
    private void checkIsNew() throws IOException {
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                if (files.findAny().isPresent()) {
                    throw new ParameterException(
                            spec.commandLine(), directory + " is not empty; give an empty or new directory");
                }
            }
        }
    }

    /** A checkpoint of all that was put, while one thread goes on putting; what its puts waited at most. */
    private void checkpoint(HoltDb db, HoltTree tree, byte[] value) throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        long[] waits = new long[MOST_WAITS];
        int[] count = new int[1];
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; !stop.get() && i < MOST_WAITS; i++) {
                byte[] key = key(i % records);
                long start = System.nanoTime();
                tree.put(key, value);
                waits[i] = System.nanoTime() - start;
                count[0] = i + 1;
            }
        });
        long start = System.nanoTime();
        db.checkpoint();
        long nanos = System.nanoTime() - start;
        stop.set(true);
        writer.join();
        long bytes = db.stats().lastCheckpointBytes();
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%-10s %,12d bytes %8.2f s %,10.1f MB/s, engine %s%n",
                "checkpoint",
                bytes,
                nanos / NANOS_PER_SECOND,
                bytes / 1e6 / (nanos / NANOS_PER_SECOND),
                db.stats().ioEngine());
        Arrays.sort(waits, 0, count[0]);
        if (count[0] > 0) {
            out.printf(
                    "  beside it %,d puts waited %.1f us at the median, %.1f us at 99.9%%, %.1f us at most%n",
                    count[0],
                    waits[count[0] / 2] / 1e3,
                    waits[(int) (count[0] * 0.999)] / 1e3,
                    waits[count[0] - 1] / 1e3);
        }
        out.flush();
    }

    /** The same bytes for the same number, in an order that is no order. */
    private static byte[] key(int number) {
        return ByteBuffer.allocate(Long.BYTES)
                .putLong(new SplittableRandom(number).nextLong())
                .array();
    }

    private interface Step {
        void run(byte[] key);
    }

    /** Every thread takes its share of the keys, in an order that is no order. */
    private long time(ExecutorService pool, Step step) throws InterruptedException, ExecutionException {
        long start = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int first = thread;
            running.add(pool.submit(() -> {
                for (int i = first; i < records; i += threads) {
                    step.run(key(i));
                }
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
        return System.nanoTime() - start;
    }

    private void report(String what, long count, long nanos) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%-10s %,12d       %8.2f s %,10.0f a second%n",
                what, count, nanos / NANOS_PER_SECOND, count / (nanos / NANOS_PER_SECOND));
        out.flush();
    }
}
