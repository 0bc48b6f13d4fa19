package io.holt.examples.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.examples.fs.FileSystemState;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FiguresPageTest {

    private static final Life FIRST = new Life(1_000, 0, 0, 400, 2_000, 4, 1_500);
    private static final Life SECOND = new Life(2_000, 10, 700, 300, 1_000, 3, 1_500);
    private static final Life THIRD = new Life(3_000, 1_234_567, 7_654_321, 300, 2_000, 2, 2_000);

    private static EngineFigures figures(Engine engine, List<String> differences) {
        return new EngineFigures(
                engine,
                FIRST,
                SECOND,
                THIRD,
                3 << 20,
                5,
                6,
                "0123456789abcdef0123456789abcdef",
                ActivityCounts.compute(List.of()),
                77,
                differences);
    }

    @Test
    void theLivesOfAnEngineAddUp() {
        EngineFigures figures = figures(Engine.HOLT, List.of());

        assertThat(figures.eventsASecond()).isEqualTo(200);
        assertThat(figures.commits()).isEqualTo(9);
        assertThat(figures.cpuMillis()).isEqualTo(5_000);
    }

    @Test
    void theEnginesStandSideBySide() {
        String page = FiguresPage.of(
                "the input",
                new FileSystemState(),
                List.of(figures(Engine.HOLT, List.of()), figures(Engine.ROCKSDB, List.of())),
                61_000);

        assertThat(page.lines().map(line -> line.strip().replaceAll(" {2,}", " | ")))
                .contains(
                        "the input",
                        "holt | rocksdb",
                        "events a second | 200 | 200",
                        "after the kill | 1,234,567 of 7,654,321 | 1,234,567 of 7,654,321",
                        "state on disk, MiB | 3.0 | 3.0",
                        "queries answered by HTTP meanwhile | 77 | 77",
                        "against the computation by maps | equal | equal",
                        "in 61 s");
    }

    @Test
    void aWrongResultIsSaidAndExplained() {
        String page = FiguresPage.of(
                "the input",
                new FileSystemState(),
                List.of(figures(Engine.HOLT, List.of("file /m/a should be 1 and is 2"))),
                1);

        assertThat(page).contains("DIFFERENT").contains("holt differs").contains("file /m/a should be 1 and is 2");
    }
}
