package io.holt.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.examples.fs.ExpectedState;
import io.holt.examples.fs.FileSystemState;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ChildProcessLauncherTest {

    @TempDir
    private Path directory;

    @Test
    void theReportComesBackFromTheOtherProcess() throws Exception {
        RunSpec spec = TestRuns.withKills(TestRuns.spec("hashmap", directory), 1);
        FileSystemState expected = ExpectedState.compute(spec.stream().iterator(), spec.rules());

        RunReport report = new ChildProcessLauncher().launch(spec);

        assertThat(Verdict.of(report, expected, 1).complaints()).isEmpty();
        assertThat(report.spec().backend()).isEqualTo(spec.backend());
    }

    @Test
    void aRunThatFailsIsReported() {
        RunSpec spec = TestRuns.spec("hashmap", directory);
        RunSpec broken = new RunSpec(
                new Backend("broken", "io.holt.examples.flink.NoSuchFactory"),
                spec.listing(),
                spec.events(),
                spec.seed(),
                spec.parallelism(),
                spec.kills(),
                spec.checkpointMillis(),
                spec.managedBytes(),
                spec.rules(),
                spec.workDirectory());

        assertThatThrownBy(() -> new ChildProcessLauncher().launch(broken))
                .isInstanceOfSatisfying(
                        RunFailedException.class,
                        failure -> assertThat(failure.trace()).contains("at io.holt.examples.flink.BackendRun.execute"))
                .hasMessageContaining("broken: the run failed")
                .hasMessageContaining("NoSuchFactory");
    }
}
