package io.holt.examples.kstreams;

import io.holt.broker.LocalBroker;
import io.holt.examples.fs.ExpectedState;
import io.holt.examples.fs.FileListing;
import io.holt.examples.fs.FileSystemEvents;
import io.holt.examples.fs.FileSystemState;
import io.holt.examples.fs.ListedFile;
import io.holt.examples.fs.Rules;
import io.holt.examples.fs.RuntimeImageListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts a broker, gives it the events, runs the application on Holt and on RocksDB through a stop, a kill and two
 * restarts each, compares what the stores hold with an independent computation, and prints a page of figures.
 */
@Command(
        name = "demo kstreams",
        description = "A Kafka Streams application on Holt stores, beside the same one on RocksDB.",
        mixinStandardHelpOptions = true)
public final class FileSystemTopology implements Callable<Integer> {

    private static final int PARTITIONS = 2;
    private static final int ASKED_DIRECTORIES = 100;

    @Option(
            names = "--events",
            paramLabel = "COUNT",
            defaultValue = "1000000",
            description = "events in the stream, at least 1000 (default: ${DEFAULT-VALUE})")
    private long events;

    @Option(
            names = "--engines",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "holt,rocksdb",
            description = "what the stores are made of, in this order: holt, rocksdb (default: ${DEFAULT-VALUE})")
    private List<Engine> engines;

    @Option(
            names = "--seed",
            paramLabel = "NUMBER",
            defaultValue = "42",
            description = "what the stream is drawn from: same number, same events (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--list-every",
            paramLabel = "COUNT",
            defaultValue = "100",
            description = "a directory is listed after each so many of its events (default: ${DEFAULT-VALUE})")
    private int listEvery;

    private final ProgressLine progress = new ProgressLine(System.err);

    private FileSystemTopology() {}

    /** Ends with status 0 if all results are right, 1 if one is not or something failed, 2 if an option is wrong. */
    public static void main(String[] arguments) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        // Says at each start of a producer that it is sent batches out of order, which the producer then sends again.
        System.setProperty("org.slf4j.simpleLogger.log.kafka.server.ReplicaManager", "off");
        System.exit(new CommandLine(new FileSystemTopology())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (events < 1_000 || listEvery < 1) {
            System.err.println("--events is at least 1000 and --list-every at least 1");
            return 2;
        }
        try (WorkDirectory directory = WorkDirectory.make()) {
            return run(directory.path());
        } finally {
            progress.clear();
        }
    }

    private int run(Path directory) throws IOException {
        progress.show("reading the runtime image");
        FileListing listing = RuntimeImageListing.read();
        FileSystemEvents stream = new FileSystemEvents(listing, seed, events);
        CompletableFuture<FileSystemState> expected = CompletableFuture.supplyAsync(
                () -> ExpectedState.compute(stream.iterator(), new Rules(Rules.NEVER, listEvery)));
        CompletableFuture<ActivityCounts> expectedActivity =
                CompletableFuture.supplyAsync(() -> ActivityCounts.compute(stream));
        List<String> asked = listing.files().stream()
                .map(ListedFile::directory)
                .distinct()
                .limit(ASKED_DIRECTORIES)
                .toList();
        progress.show("starting the broker");
        List<EngineFigures> figures = new ArrayList<>();
        try (LocalBroker broker = LocalBroker.start(Files.createDirectory(directory.resolve("broker")));
                GroupProgress group = new GroupProgress(broker.bootstrapServers(), PARTITIONS)) {
            group.createEventsTopic();
            EventLoader.load(
                    broker.bootstrapServers(),
                    stream,
                    sent -> progress.show(String.format(Locale.ROOT, "loading events into the broker: %,d", sent)));
            for (Engine engine : engines) {
                Path ofEngine = Files.createDirectory(directory.resolve(engine.label()));
                figures.add(new EngineRun(
                                engine, broker.bootstrapServers(), ofEngine, listEvery, events, group, progress, asked)
                        .run(expected.join(), expectedActivity.join()));
            }
        }
        String input = String.format(
                Locale.ROOT,
                "%,d events (seed %d) over the %,d files and %,d directories of %s",
                events,
                seed,
                listing.files().size(),
                listing.directories(),
                RuntimeImageListing.origin());
        progress.clear();
        System.out.println(FiguresPage.of(input, expected.join(), figures, progress.elapsedMillis()));
        return figures.stream().allMatch(engine -> engine.differences().isEmpty()) ? 0 : 1;
    }
}
