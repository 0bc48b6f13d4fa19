package io.holt.examples.kstreams;

import io.holt.examples.fs.DirectoryState;
import io.holt.examples.fs.FileSystemState;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Three lives of the application on one engine: stopped after the first, killed in the second, done in the third. */
final class EngineRun {

    /** How many differences are told. */
    private static final int DIFFERENCES_MAX = 10;

    private static final long POLL_MILLIS = 50;

    /** An application that commits nothing for so long is taken for stuck. */
    private static final long STUCK_MILLIS = 60_000;

    private final Engine engine;
    private final String bootstrapServers;
    private final Path directory;
    private final int listEvery;
    private final long events;
    private final GroupProgress group;
    private final ProgressLine progress;
    private final List<String> directories;
    private final HttpClient http = HttpClient.newHttpClient();
    private long queries;

    /**
     * Prepares a run.
     *
     * @param directory an empty directory
     * @param directories some that are asked for by HTTP
     */
    EngineRun(
            Engine engine,
            String bootstrapServers,
            Path directory,
            int listEvery,
            long events,
            GroupProgress group,
            ProgressLine progress,
            List<String> directories) {
        this.engine = engine;
        this.bootstrapServers = bootstrapServers;
        this.directory = directory;
        this.listEvery = listEvery;
        this.events = events;
        this.group = group;
        this.progress = progress;
        this.directories = directories;
    }

    /** How a life ends. */
    private interface End {
        void of(ApplicationProcess application) throws IOException;
    }

    EngineFigures run(FileSystemState expected, ActivityCounts expectedActivity) throws IOException {
        List<String> differences = new ArrayList<>();
        Path state = Files.createDirectory(directory.resolve("state"));
        Path outcome = directory.resolve("outcome");
        Life first = live(state, events * 35 / 100, ApplicationProcess::stop);
        Life second = live(state, events * 70 / 100, ApplicationProcess::kill);
        Life third = live(state, events, application -> {
            progress.show(engine.label() + ": reading the stores");
            dump(application, outcome, expectedActivity);
            compareAnswers(application, expected, differences);
            application.stop();
        });
        FileSystemState actual = OutcomeFile.read(outcome);
        ActivityCounts activity = ActivityCounts.parse(Application.activityFile(outcome));
        differences.addAll(actual.differencesFrom(expected, DIFFERENCES_MAX));
        differences.addAll(activity.differencesFrom(expectedActivity, DIFFERENCES_MAX));
        return new EngineFigures(
                engine,
                first,
                second,
                third,
                DiskUsage.bytes(state),
                actual.directories(),
                actual.files(),
                actual.digest(),
                activity,
                queries,
                differences);
    }

    /** The events are done before what the topology sends itself, so the stores are read until they have that too. */
    private static void dump(ApplicationProcess application, Path outcome, ActivityCounts expected) throws IOException {
        long deadline = System.nanoTime() + STUCK_MILLIS * 1_000_000;
        do {
            application.dump(outcome);
        } while (!ActivityCounts.parse(Application.activityFile(outcome))
                        .differencesFrom(expected, 1)
                        .isEmpty()
                && System.nanoTime() < deadline);
    }

    private void compareAnswers(ApplicationProcess application, FileSystemState expected, List<String> differences)
            throws IOException {
        for (String name : directories) {
            DirectoryState state = expected.directory(name);
            String answer = QueryServer.ask(http, application.httpPort(), name).body();
            if (state != null && !answer.equals(QueryServer.json(state.files(), state.bytes()))) {
                differences.add("by HTTP, " + name + " is " + answer + ", expected " + state);
            }
        }
    }

    private void ask(ApplicationProcess application) throws IOException {
        String name = directories.get((int) (queries % directories.size()));
        if (QueryServer.ask(http, application.httpPort(), name).statusCode() == HttpURLConnection.HTTP_OK) {
            queries++;
        }
    }

    private Life live(Path state, long target, End end) throws IOException {
        long before = group.committedEvents(engine);
        long changelogRecords = before == 0 ? 0 : group.changelogRecords(engine);
        progress.show(engine.label() + ": starting at event " + before);
        ApplicationProcess application = ApplicationProcess.start(
                engine, bootstrapServers, state, listEvery, directory.resolve("standard-error"));
        try {
            long runningMillis = application.awaitRunning();
            long restored = application.restored();
            long began = System.nanoTime();
            long committed = awaitCommitted(application, target);
            long processingMillis = (System.nanoTime() - began) / 1_000_000;
            long commits = application.commits();
            long cpuMillis = application.cpuMillis();
            end.of(application);
            return new Life(
                    runningMillis,
                    restored,
                    changelogRecords,
                    committed - before,
                    processingMillis,
                    commits,
                    cpuMillis);
        } finally {
            application.discard();
        }
    }

    private long awaitCommitted(ApplicationProcess application, long target) throws IOException {
        long last = -1;
        long lastChange = System.nanoTime();
        while (true) {
            long committed = group.committedEvents(engine);
            if (committed >= target) {
                return committed;
            }
            if (committed != last) {
                last = committed;
                lastChange = System.nanoTime();
            } else if ((System.nanoTime() - lastChange) / 1_000_000 > STUCK_MILLIS) {
                throw new IOException("the application on " + engine.label() + " has stood at event " + committed
                        + " for " + STUCK_MILLIS / 1_000 + " s");
            }
            application.requireAlive();
            ask(application);
            progress.show(String.format(Locale.ROOT, "%s: %,d of %,d events", engine.label(), committed, events));
            sleep();
        }
    }

    private static void sleep() throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
