package io.holt.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.examples.fs.SmallListing;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FileSystemJobTest {

    private static final RunLauncher NEVER = spec -> {
        throw new AssertionError("nothing should run");
    };

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(RunLauncher launcher, String... arguments) {
        CommandLine commandLine = FileSystemJob.commandLine(new FileSystemJob(SmallListing::make, launcher));
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(arguments);
    }

    private int executeOnHashmap(RunLauncher launcher) {
        return execute(launcher, "--events=20000", "--backends=hashmap", "--checkpoint-dir=" + directory);
    }

    @Test
    void printsThePageAndEndsWell() {
        int status = executeOnHashmap(TestRuns::execute);

        assertThat(out.toString())
                .contains("120 files in 12 directories of 3 modules")
                .contains("a task is killed at each of these events: 6,666; 13,333")
                .containsPattern("tasks killed / recoveries +2 / 2\n")
                .containsPattern("against the computation by maps +equal\n")
                .contains("All results equal");
        assertThat(status).isZero();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aWrongResultIsNamedAndEndsWithStatus1() {
        int status = executeOnHashmap(spec -> TestRuns.execute(TestRuns.withSeed(spec, 43)));

        assertThat(out.toString())
                .containsPattern("against the computation by maps +DIFFERENT\n")
                .containsPattern("hashmap: (directory|file|expired directory) /module.* should be .* and is .*\n");
        assertThat(status).isEqualTo(1);
    }

    @Test
    void aMissingKillEndsWithStatus1() {
        int status = executeOnHashmap(spec -> TestRuns.execute(TestRuns.withKills(spec, 1)));

        assertThat(out.toString())
                .containsPattern("against the computation by maps +equal\n")
                .contains("hashmap: tasks were killed 1 times, not 2");
        assertThat(status).isEqualTo(1);
    }

    @Test
    void aFailedRunEndsWithStatus1() {
        int status = executeOnHashmap(spec -> {
            throw RunFailedException.of(spec.backend(), new IllegalStateException("came to nothing"));
        });

        assertThat(out.toString())
                .contains("hashmap: the run failed: java.lang.IllegalStateException: came to nothing");
        assertThat(err.toString()).contains("at io.holt.examples.flink.FileSystemJobTest");
        assertThat(status).isEqualTo(1);
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--events=999",
                "--events=many",
                "--parallelism=0",
                "--parallelism=65",
                "--kills=-1",
                "--kills=11",
                "--backends=no.such.Factory",
                "--backends=hashmap,hashmap",
                "--checkpoint-dir=no/such/directory",
                "--unknown"
            })
    void aWrongCommandLineEndsWithStatus2(String argument) {
        int status = execute(NEVER, argument);

        assertThat(status).isEqualTo(2);
        assertThat(err.toString())
                .contains(argument.substring(0, argument.indexOf('=') < 0 ? 9 : argument.indexOf('=')));
    }

    @Test
    void helpNamesTheOptions() {
        assertThat(execute(NEVER, "--help")).isZero();
        assertThat(out.toString())
                .contains("--events", "--backends", "--seed", "--parallelism", "--kills", "--checkpoint-dir");
    }
}
