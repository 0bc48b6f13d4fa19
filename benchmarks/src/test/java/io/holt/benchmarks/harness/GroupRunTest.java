package io.holt.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.engine.EngineKind;
import io.holt.benchmarks.engine.EngineSettings;
import io.holt.benchmarks.engine.KeyValueEngine;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GroupRunTest {

    private static final Effort SHORT = new Effort(2, 1, 1e6, 1e6, 2e6);
    private static final Dataset DATASET = Dataset.of(DatasetKind.FS, 3_200, Dataset.SCALE_DIGITS);

    @TempDir
    private Path work;

    @ParameterizedTest
    @EnumSource(names = {"HOLT", "TREEMAP"})
    void everyOperationIsMeasured(EngineKind kind) {
        Set<String> measured = Arrays.stream(OperationGroup.values())
                .flatMap(group -> run(kind, group).stream())
                .filter(row -> row.engine().equals(kind.label()))
                .map(ResultRow::operation)
                .collect(Collectors.toSet());
        assertThat(measured)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Operation.values())
                        .filter(operation -> operation.threads() == 1 || kind == EngineKind.HOLT)
                        .map(Operation::label)
                        .toList());
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void anEngineThatInventsARecordIsFoundOut() {
        try (KeyValueEngine engine = EngineKind.TREEMAP.open(new EngineSettings(1 << 20, work))) {
            engine.load(DATASET, null);
            byte[] key = DATASET.key(5).clone();
            key[key.length - 1] ^= 0x40;
            engine.put(key, DATASET.value(5));
            assertThatThrownBy(() -> PointCells.getMiss(engine, DATASET).run(100_000))
                    .isInstanceOf(WrongAnswerException.class);
        }
    }

    @Test
    void theShuffledOrderIsAPermutation() {
        int[] order = InsertCell.shuffled(1_000);
        assertThat(order).isNotEqualTo(InsertCell.shuffled(999));
        assertThat(Arrays.stream(order).sorted().distinct().toArray())
                .hasSize(1_000)
                .startsWith(0)
                .endsWith(999);
        assertThat(order[0] == 0 && order[1] == 1 && order[2] == 2).isFalse();
    }

    private List<ResultRow> run(EngineKind kind, OperationGroup group) {
        return new GroupRun(kind, DATASET, work, SHORT).run(group, EnumSet.allOf(Operation.class));
    }

    @Test
    void anEngineThatLosesARecordIsFoundOut() {
        try (KeyValueEngine engine = EngineKind.TREEMAP.open(new EngineSettings(1 << 20, work))) {
            engine.load(DATASET, null);
            engine.delete(DATASET.key(5));
            assertThatThrownBy(() -> PointCells.get(engine, DATASET).run(100_000))
                    .isInstanceOf(WrongAnswerException.class);
            assertThatThrownBy(() -> WalkCells.iterate(engine, DATASET).run(1))
                    .isInstanceOf(WrongAnswerException.class);
        }
    }
}
