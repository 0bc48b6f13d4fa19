package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.it.ContainerImage;
import io.holt.it.kstreams.CountingApplication.Engine;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A process of {@link CountingApplication} or another application that is led as {@link StreamsProcess} says. */
final class ApplicationProcess implements AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final String END = "\0end";
    private static final String RUNNING = "running ";
    private static final String RESTORING = "restoring";
    private static final String STATE = "state ";

    private final Path directory;
    private final Process process;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final BufferedWriter commands;
    private final StoreOffsets offsets;
    private final Thread listening;
    private volatile String state = "";
    private volatile boolean wasRunning;

    /** How long it took from the start of the process until it ran, and how many records it restored meanwhile. */
    record Start(double seconds, long restored) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.1f s, %d restored", seconds, restored);
        }
    }

    /**
     * Starts a {@link CountingApplication}.
     *
     * @param directory of the test, where the application's state and log are kept
     * @param name by which it is known again when it is started again
     * @param standbys how many copies of each store the applications of this guarantee and engine keep beside the
     *     active one
     * @param offsets gets what the application says of them
     */
    ApplicationProcess(
            Path directory,
            String bootstrapServers,
            String guarantee,
            String name,
            int standbys,
            Engine engine,
            StoreOffsets offsets)
            throws IOException {
        this(
                offsets,
                directory,
                CountingApplication.class,
                CountingApplication.arguments(
                        guarantee,
                        bootstrapServers,
                        directory.resolve("state-of-" + name).toString(),
                        name,
                        standbys,
                        engine));
    }

    /**
     * Starts an application.
     *
     * @param directory of the test, where the application's log is kept
     */
    ApplicationProcess(Path directory, Class<?> main, List<String> arguments) throws IOException {
        this(new StoreOffsets(), directory, main, arguments);
    }

    private ApplicationProcess(StoreOffsets offsets, Path directory, Class<?> main, List<String> arguments)
            throws IOException {
        this.offsets = offsets;
        this.directory = directory;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                ContainerImage.classPath().collect(Collectors.joining(File.pathSeparator)),
                main.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log(directory).toFile()))
                .start();
        commands = process.outputWriter(StandardCharsets.UTF_8);
        listening = Thread.ofVirtual().start(() -> listen(process.inputReader(StandardCharsets.UTF_8)));
    }

    private static Path log(Path directory) {
        return directory.resolve("application.log");
    }

    private void listen(BufferedReader lines) {
        try (lines) {
            lines.lines().forEach(this::hear);
        } catch (IOException | UncheckedIOException e) {
            said.add("no more can be read: " + e);
        }
        said.add(END);
    }

    private void hear(String line) {
        if (line.startsWith(STATE)) {
            state = line.substring(STATE.length());
        } else if (StoreOffsets.isOffsetLine(line)) {
            offsets.hear(line);
            if (StoreOffsets.saysRestoring(line)) {
                said.add(RESTORING);
            }
        } else {
            wasRunning |= line.startsWith(RUNNING);
            said.add(line);
        }
    }

    /** Waits until it runs; what it said of its start. */
    String awaitRunning() throws IOException, InterruptedException {
        return awaitStart().toString();
    }

    /** As {@link #awaitRunning}, in numbers. */
    Start awaitStart() throws IOException, InterruptedException {
        String[] words = await(RUNNING).split(" ");
        return new Start(Long.parseLong(words[1]) / 1e3, Long.parseLong(words[2]));
    }

    /** Waits until it restores a store or, if there is nothing to restore, runs; whether it was the former. */
    boolean awaitRestoring() throws IOException, InterruptedException {
        return await(RESTORING, RUNNING).equals(RESTORING);
    }

    /** Whether it has said that it runs. */
    boolean wasRunning() {
        return wasRunning;
    }

    /** Whether what it said last of its state is that it runs. */
    boolean isRunning() {
        return state.equals("RUNNING");
    }

    private String await(String... beginnings) throws IOException, InterruptedException {
        String line = "";
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (line != null && Stream.of(beginnings).noneMatch(line::startsWith)) {
            line = said.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (END.equals(line)) {
                throw new AssertionError("the application ended: " + Files.readString(log(directory)));
            }
        }
        if (line == null) {
            throw new AssertionError(
                    "the application did not say " + List.of(beginnings) + ": " + Files.readString(log(directory)));
        }
        return line;
    }

    private void command(String line) throws IOException {
        commands.write(line + "\n");
        commands.flush();
    }

    /** Of each store, the events counted by key, as far as the active tasks are here. */
    Map<String, Map<String, Long>> dump() throws IOException, InterruptedException {
        return dump("dump");
    }

    /** As {@link #dump}, with what the standby tasks here have. */
    Map<String, Map<String, Long>> dumpWithStandbys() throws IOException, InterruptedException {
        return dump("dump-with-standbys");
    }

    private Map<String, Map<String, Long>> dump(String command) throws IOException, InterruptedException {
        return SentEvents.parse(dumpLines(command));
    }

    /** Of each store, a line for each record. */
    List<String> dumpLines() throws IOException, InterruptedException {
        return dumpLines("dump");
    }

    private List<String> dumpLines(String command) throws IOException, InterruptedException {
        Path file = directory.resolve("dump.txt");
        command(command + " " + file);
        await("dumped");
        return Files.readAllLines(file);
    }

    /** Waits until the active tasks here have counted all events, then compares. */
    void verify(SentEvents events, boolean exactly) throws IOException, InterruptedException {
        events.verify(awaitCounted(events), exactly);
    }

    /** Waits until the active tasks here have counted all events; what they have counted when the patience ends. */
    Map<String, Map<String, Long>> awaitCounted(SentEvents events) throws IOException, InterruptedException {
        Map<String, Map<String, Long>> counted = dump();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!events.areIn(counted) && System.nanoTime() < deadline) {
            Thread.sleep(200);
            counted = dump();
        }
        return counted;
    }

    /** How many records were restored from changelogs since the start, by tasks that became active. */
    long restored() throws IOException, InterruptedException {
        command("restored");
        return Long.parseLong(await("restored ").split(" ")[1]);
    }

    /** How often it has opened a store; a task that is recycled keeps its stores open. */
    long opened() throws IOException, InterruptedException {
        command("opened");
        return Long.parseLong(await("opened ").split(" ")[1]);
    }

    void stop() throws IOException, InterruptedException {
        command("stop");
        await("stopped");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        listening.join();
    }

    /** As {@code kill -9} does; returns when all that it said was heard. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        listening.join();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
