package io.holt.flink.differential;

import java.util.Arrays;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holt, with timers in trees and on the heap, answers as Flink's own backends do, over random programs of state and
 * timer operations, snapshots, restores at another parallelism, and restores of one backend's savepoint by the others.
 *
 * <p>{@code -Dholt.flink.differential.seeds=N} and {@code -Dholt.flink.differential.operations=N} make it longer.
 */
class DifferentialTest {

    private static final int SEEDS = Integer.getInteger("holt.flink.differential.seeds", 2);
    private static final int OPERATIONS = Integer.getInteger("holt.flink.differential.operations", 1500);

    static Stream<Arguments> programs() {
        return Arrays.stream(Setting.all())
                .flatMap(setting -> LongStream.range(0, SEEDS).mapToObj(seed -> Arguments.of(setting, seed)));
    }

    @SuppressWarnings("try") // Closing a program may be interrupted.
    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("programs")
    <K, N> void allBackendsAgree(Setting<K, N> setting, long seed) throws Exception {
        try (RandomProgram<K, N> program = new RandomProgram<>(setting, seed)) {
            program.run(OPERATIONS);
        }
    }
}
