package io.holt.examples.flink;

import io.holt.examples.fs.ExpectedState;
import io.holt.examples.fs.FileListing;
import io.holt.examples.fs.FileSystemEvents;
import io.holt.examples.fs.FileSystemState;
import io.holt.examples.fs.Rules;
import io.holt.examples.fs.RuntimeImageListing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.util.function.SerializableSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The main example. It runs a Flink job that keeps a file system's metadata as keyed state, once on each state backend,
 * kills tasks on the way, holds each result against an independent computation and prints the figures side by side. Its
 * exit status is 0 if all is as it should be, 1 if a result differs, a kill or a recovery is missing or a run failed,
 * and 2 if the command line is wrong.
 */
@Command(
        name = "demo",
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Runs a Flink job that keeps a file system's metadata as keyed state, once on each state backend: events "
                    + "over the files of the JDK's own runtime image, tasks that are killed on the way, and a result "
                    + "that is held against an independent computation.",
            ""
        },
        footer = {
            "",
            "Exit status: 0 if every result is right and every kill was recovered from, 1 if not, 2 if the command "
                    + "line is wrong."
        })
public final class FileSystemJob implements Callable<Integer> {

    private static final Rules RULES = new Rules(Duration.ofHours(2).toMillis(), 64);
    private static final long CHECKPOINT_MILLIS = 1_000;
    private static final long MANAGED_BYTES = 256L << 20;
    private static final long LEAST_EVENTS = 1_000;
    private static final int MOST_KILLS = 10;
    private static final int MOST_PARALLELISM = 64;
    private static final long MILLIS_A_DAY = Duration.ofDays(1).toMillis();

    @Option(
            names = "--events",
            paramLabel = "COUNT",
            defaultValue = "1000000",
            description = "events in the stream, at least 1000 (default: ${DEFAULT-VALUE})")
    private long events;

    @Option(
            names = "--backends",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "holt,hashmap,rocksdb",
            description = "state backends, in this order: holt, hashmap, rocksdb, or the class name of a factory "
                    + "(default: ${DEFAULT-VALUE})")
    private List<String> backends;

    @Option(
            names = "--seed",
            paramLabel = "NUMBER",
            defaultValue = "42",
            description = "what the stream is drawn from: same number, same events (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--parallelism",
            paramLabel = "COUNT",
            defaultValue = "2",
            description = "subtasks of each keyed function, 1 to 64 (default: ${DEFAULT-VALUE})")
    private int parallelism;

    @Option(
            names = "--kills",
            paramLabel = "COUNT",
            defaultValue = "2",
            description = "how often a task is killed, 0 to 10 (default: ${DEFAULT-VALUE})")
    private int kills;

    @Option(
            names = "--checkpoint-dir",
            paramLabel = "DIRECTORY",
            description =
                    "where checkpoints and local state go while the job runs; must exist (default: a new directory "
                            + "in the system's place for temporary files)")
    private Path checkpointDirectory;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help and end")
    @SuppressWarnings("unused") // Picocli acts on it by itself.
    private boolean help;

    @Spec
    private CommandSpec command;

    private final SerializableSupplier<FileListing> listing;
    private final RunLauncher launcher;

    FileSystemJob(SerializableSupplier<FileListing> listing, RunLauncher launcher) {
        this.listing = listing;
        this.launcher = launcher;
    }

    /** Runs the example and ends the process with its exit status. */
    public static void main(String[] args) {
        FileSystemJob job = new FileSystemJob(RuntimeImageListing::read, new ChildProcessLauncher());
        System.exit(commandLine(job).execute(args));
    }

    static CommandLine commandLine(FileSystemJob job) {
        return new CommandLine(job);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Backend> chosen = validated();
        PrintWriter out = command.commandLine().getOut();
        FileSystemEvents stream = new FileSystemEvents(listing.get(), seed, events);
        printJob(out, stream);
        FileSystemState expected = ExpectedState.compute(stream.iterator(), RULES);

        List<Verdict> verdicts = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        try (WorkDirectory work = WorkDirectory.below(checkpointDirectory)) {
            for (Backend backend : chosen) {
                try {
                    RunReport report = launcher.launch(runSpec(backend, work.path()));
                    Verdict verdict = Verdict.of(report, expected, kills);
                    verdicts.add(verdict);
                    complaints.addAll(verdict.complaints());
                } catch (RunFailedException e) {
                    command.commandLine().getErr().print(e.trace());
                    complaints.add(e.getMessage());
                }
            }
        }
        if (!verdicts.isEmpty()) {
            out.println(Page.of(verdicts));
        }
        return conclude(out, expected, complaints);
    }

    private List<Backend> validated() {
        require(events >= LEAST_EVENTS, "--events: at least " + LEAST_EVENTS + ", not " + events);
        require(
                parallelism >= 1 && parallelism <= MOST_PARALLELISM,
                "--parallelism: 1 to " + MOST_PARALLELISM + ", not " + parallelism);
        require(kills >= 0 && kills <= MOST_KILLS, "--kills: 0 to " + MOST_KILLS + ", not " + kills);
        require(
                checkpointDirectory == null || Files.isDirectory(checkpointDirectory),
                "--checkpoint-dir: there is no directory " + checkpointDirectory + "; make it first");
        Map<String, Backend> chosen = new LinkedHashMap<>();
        for (String name : backends) {
            try {
                Backend backend = Backend.of(name);
                require(chosen.put(backend.name(), backend) == null, "--backends: '" + name + "' is given twice");
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command.commandLine(), "--backends: " + e.getMessage(), e);
            }
        }
        return List.copyOf(chosen.values());
    }

    private void require(boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(command.commandLine(), message);
        }
    }

    private RunSpec runSpec(Backend backend, Path work) {
        return new RunSpec(
                backend,
                listing,
                events,
                seed,
                parallelism,
                kills,
                CHECKPOINT_MILLIS,
                MANAGED_BYTES,
                RULES,
                work.resolve(backend.name()).toString());
    }

    private void printJob(PrintWriter out, FileSystemEvents stream) {
        FileListing files = listing.get();
        KillPlan plan = new KillPlan(events, kills);
        out.println("A file system's metadata as keyed state of an Apache Flink " + flinkVersion() + " job");
        out.println();
        out.printf(
                Locale.ROOT,
                "input  %,d files in %,d directories of %,d modules: %s%n",
                files.files().size(),
                files.directories(),
                files.modules(),
                RuntimeImageListing.origin());
        out.printf(
                Locale.ROOT,
                "       %,d events in %.1f days of event time, seed %d%n",
                events,
                (stream.lastTimestampMillis() - FileSystemEvents.START_MILLIS) / (double) MILLIS_A_DAY,
                seed);
        out.printf(
                Locale.ROOT,
                "job    parallelism %d, checkpoints every %d s, exactly-once, %d MiB managed memory%n",
                parallelism,
                CHECKPOINT_MILLIS / 1000,
                MANAGED_BYTES >> 20);
        List<String> killed = IntStream.range(0, kills)
                .mapToObj(kill -> String.format(Locale.ROOT, "%,d", plan.killAt(kill)))
                .toList();
        out.println(
                killed.isEmpty()
                        ? "       no task is killed"
                        : "       a task is killed at each of these events: " + String.join("; ", killed));
        out.println();
        out.flush();
    }

    private static String flinkVersion() {
        return EnvironmentInformation.getVersion();
    }

    private static int conclude(PrintWriter out, FileSystemState expected, List<String> complaints) {
        if (complaints.isEmpty()) {
            out.println("All results equal the independent computation, every directory and every file: "
                    + expected.digest());
        } else {
            out.println("WRONG:");
            complaints.forEach(complaint -> out.println("  " + complaint));
        }
        out.flush();
        return complaints.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}
