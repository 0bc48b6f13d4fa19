package io.holt.flink.differential;

import io.holt.flink.differential.StatefulJob.Kind;
import io.holt.flink.differential.Trial.Density;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holt, with timers in trees and on the heap, answers as Flink's own backends do, over random programs of state and
 * timer operations, checkpoints that build on each other and are confirmed, aborted, lost and restored at another
 * parallelism, and restores of one backend's savepoint by the others.
 *
 * <p>Long programs restore and compare everything seldom, and only each second one is done on RocksDB too, which takes
 * longer than all the others. {@code -Dholt.flink.differential.rocksdb.each=1} does all of them on RocksDB;
 * {@code -Dholt.flink.differential.dense=true} that, with as many restores as the short ones have;
 * {@code -Dholt.flink.differential.seeds=N} does more of them, {@code -Dholt.flink.differential.operations=N} longer
 * ones.
 */
class DifferentialTest {

    private static final int SEEDS = Integer.getInteger("holt.flink.differential.seeds", 10);
    private static final int OPERATIONS = Integer.getInteger("holt.flink.differential.operations", 20_000);
    private static final int ROCKSDB_EACH = Integer.getInteger("holt.flink.differential.rocksdb.each", 2);
    private static final boolean DENSE = Boolean.getBoolean("holt.flink.differential.dense");
    private static final int SHORT_OPERATIONS = 1500;
    private static final int KEY_GROUPS = 500;
    private static final int SETTINGS = Setting.all().length;

    @TempDir
    Path directory;

    static Stream<Arguments> shortPrograms() {
        return Arrays.stream(Setting.all()).map(setting -> Arguments.of(setting, 0L));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("shortPrograms")
    <K, N> void allBackendsAgreeOnManyRestores(Setting<K, N> setting, long seed) throws Exception {
        run(setting, EnumSet.allOf(Kind.class), Density.DENSE, seed, SHORT_OPERATIONS);
    }

    /** One thread a processor: a program waits for nothing. */
    @Test
    void allBackendsAgreeOnManyOperations() throws Exception {
        Setting<?, ?>[] settings = Setting.all();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<?>> programs = new ArrayList<>();
            for (long seed = 0; seed < SEEDS; seed++) {
                Setting<?, ?> setting = settings[(int) (seed % settings.length)].withKeyGroups(KEY_GROUPS);
                long seedOfProgram = seed;
                programs.add(threads.submit(() -> {
                    runLong(setting, seedOfProgram);
                    return null;
                }));
            }
            for (Future<?> program : programs) {
                program.get();
            }
        }
    }

    private <K, N> void runLong(Setting<K, N> setting, long seed) {
        Set<Kind> kinds = EnumSet.allOf(Kind.class);
        if (!DENSE && seed / SETTINGS % ROCKSDB_EACH != 0) {
            kinds.remove(Kind.ROCKSDB);
        }
        try {
            run(setting, kinds, DENSE ? Density.DENSE : Density.SPARSE, seed, OPERATIONS);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(setting + ", seed " + seed, e);
        }
    }

    @SuppressWarnings("try") // Closing a program may be interrupted.
    private <K, N> void run(Setting<K, N> setting, Set<Kind> kinds, Density density, long seed, int operations)
            throws Exception {
        Path checkpoints = directory.resolve("seed-" + seed);
        try (Trial<K, N> trial = new Trial<>(setting, kinds, density, seed, checkpoints)) {
            try {
                new RandomProgram<>(trial).run(operations);
            } catch (Exception e) {
                throw new AssertionError("after " + trial.lastOfHistory(), e);
            }
        }
    }
}
