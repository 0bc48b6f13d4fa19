package io.holt.examples.kstreams;

import io.holt.examples.fs.ExpectedState;
import io.holt.examples.fs.FileListing;
import io.holt.examples.fs.FileSystemEvents;
import io.holt.examples.fs.FileSystemState;
import io.holt.examples.fs.Rules;
import io.holt.examples.fs.RuntimeImageListing;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
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

    @Option(
            names = "--events",
            defaultValue = "1000000",
            description = "how many events there are, at least 1,000 (default: ${DEFAULT-VALUE})")
    private long events;

    @Option(names = "--seed", defaultValue = "1", description = "chooses the events (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--list-every",
            defaultValue = "100",
            description = "a directory is listed after each so many of its events (default: ${DEFAULT-VALUE})")
    private int listEvery;

    @Option(
            names = "--engines",
            split = ",",
            defaultValue = "holt,rocksdb",
            description = "what to run on, in that order (default: ${DEFAULT-VALUE})")
    private List<Engine> engines;

    private final ProgressLine progress = new ProgressLine(System.err, System.console() != null);

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
        Path directory = Files.createTempDirectory("holt-demo-");
        try {
            return run(directory);
        } finally {
            progress.clear();
            delete(directory);
        }
    }

    private int run(Path directory) throws IOException {
        progress.show("reading the runtime image");
        FileListing listing = RuntimeImageListing.read();
        FileSystemEvents stream = new FileSystemEvents(listing, seed, events);
        CompletableFuture<FileSystemState> expected = CompletableFuture.supplyAsync(
                () -> ExpectedState.compute(stream.iterator(), new Rules(Rules.NEVER, listEvery)));
        progress.show("starting the broker");
        List<EngineFigures> figures = new ArrayList<>();
        try (Broker broker = Broker.start(Files.createDirectory(directory.resolve("broker")));
                GroupProgress group = new GroupProgress(broker.bootstrapServers(), PARTITIONS)) {
            group.createEventsTopic();
            EventLoader.load(
                    broker.bootstrapServers(),
                    stream,
                    sent -> progress.show(String.format("loading events into the broker: %,d", sent)));
            for (Engine engine : engines) {
                Path ofEngine = Files.createDirectory(directory.resolve(engine.label()));
                figures.add(
                        new EngineRun(engine, broker.bootstrapServers(), ofEngine, listEvery, events, group, progress)
                                .run(expected.join()));
            }
        }
        String input = String.format(
                "%,d events (seed %d) over the %,d files and %,d directories of %s",
                events, seed, listing.files().size(), listing.directories(), RuntimeImageListing.origin());
        progress.clear();
        System.out.println(FiguresPage.of(input, expected.join(), figures, progress.elapsedMillis()));
        return figures.stream().allMatch(engine -> engine.differences().isEmpty()) ? 0 : 1;
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
