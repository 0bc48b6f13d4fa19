package io.holt.examples.flink;

import io.holt.examples.fs.Rules;
import io.holt.examples.fs.SmallListing;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Runs of 20,000 events over a small listing: three weeks of event time in which directories come and go. */
final class TestRuns {

    static final long EVENTS = 20_000;
    static final int KILLS = 2;

    private TestRuns() {}

    static RunSpec spec(String backend, Path directory) {
        return new RunSpec(
                Backend.of(backend),
                SmallListing::make,
                EVENTS,
                42,
                2,
                KILLS,
                50,
                64L << 20,
                new Rules(2 * 3_600_000, 16),
                directory.toString());
    }

    static RunSpec withKills(RunSpec spec, int kills) {
        return new RunSpec(
                spec.backend(),
                spec.listing(),
                spec.events(),
                spec.seed(),
                spec.parallelism(),
                kills,
                spec.checkpointMillis(),
                spec.managedBytes(),
                spec.rules(),
                spec.workDirectory());
    }

    static RunSpec withSeed(RunSpec spec, long seed) {
        return new RunSpec(
                spec.backend(),
                spec.listing(),
                spec.events(),
                seed,
                spec.parallelism(),
                spec.kills(),
                spec.checkpointMillis(),
                spec.managedBytes(),
                spec.rules(),
                spec.workDirectory());
    }

    /** Carries a run out in this process. */
    static RunReport execute(RunSpec spec) throws RunFailedException {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        try {
            return BackendRun.execute(spec, nowhere);
        } catch (Exception e) {
            throw RunFailedException.of(spec.backend(), e);
        }
    }
}
