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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BackendRunTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"holt, HoltStateBackend", "hashmap, HashMapStateBackend"})
    void theResultIsRightAlthoughTasksAreKilledTwice(String backend, String backendClass) throws Exception {
        RunSpec spec = TestRuns.spec(backend, directory);
        FileSystemState expected = ExpectedState.compute(spec.stream().iterator(), spec.rules());
        assertThat(expected.expired()).as("directories that expire").isGreaterThan(50);

        RunReport report = TestRuns.execute(spec);

        assertThat(report.stateBackendClass()).isEqualTo(backendClass);
        assertThat(Verdict.of(report, expected, TestRuns.KILLS).complaints()).isEmpty();
        assertThat(report.state().digest()).isEqualTo(expected.digest());
        assertThat(report.kills()).isEqualTo(2);
        assertThat(report.recoveries()).isEqualTo(2);
        assertThat(report.checkpoints()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(report.checkpoints())
                .allSatisfy(checkpoint -> assertThat(checkpoint.stateBytes()).isPositive());
        assertThat(report.elapsedNanos()).isPositive();
    }

    @Test
    void aFailureThatWasNotPlannedEndsTheRunAndIsNamed() {
        RunSpec spec = TestRuns.spec(BrokenStateBackendFactory.class.getName(), directory);

        assertThatThrownBy(() -> TestRuns.execute(spec))
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("BrokenStateBackendFactory: the run failed")
                .hasMessageContaining("planted in");
    }

    @Test
    void runsWithoutKillsToo() throws Exception {
        RunSpec spec = TestRuns.withKills(TestRuns.spec("hashmap", directory), 0);
        FileSystemState expected = ExpectedState.compute(spec.stream().iterator(), spec.rules());

        RunReport report = TestRuns.execute(spec);

        assertThat(Verdict.of(report, expected, 0).complaints()).isEmpty();
        assertThat(report.recoveries()).isZero();
        assertThat(report.repeatedEvents()).isZero();
    }
}
