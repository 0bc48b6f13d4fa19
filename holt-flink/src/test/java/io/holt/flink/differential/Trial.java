package io.holt.flink.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.KeyedStateHandle;

/** Jobs with the same contents on different backends, and what the steps of a random program share. */
@SuppressWarnings("try") // What is closed may be interrupted.
final class Trial<K, N> implements AutoCloseable {

    static final int PARALLELISM_MAX = 4;

    final Setting<K, N> setting;
    final Density density;
    final Random random;
    final Path directory;

    /** The time of states that expire, and of timers of processing time. */
    final AtomicLong clock = new AtomicLong(1);

    /** Until when timers of event time have fired. */
    long watermark = -1000;

    private final MockEnvironment environment = MockEnvironment.builder().build();
    private final List<String> history = new ArrayList<>();
    private List<StatefulJob<K, N>> jobs = new ArrayList<>();

    /**
     * How often a program does what takes longest, in {@link RandomProgram#DRAWS} operations.
     *
     * @param savepoints goes on from a savepoint
     * @param checkpoints does something about checkpoints, of which one in eight is a restore
     * @param comparisons compares everything there is
     * @param contentsEach after one in so many changes of lists and maps all of them are compared
     * @param longTextEach one in so many texts is long
     */
    record Density(int savepoints, int checkpoints, int comparisons, int contentsEach, int longTextEach) {
        static final Density DENSE = new Density(300, 2000, 700, 1, 20);
        static final Density SPARSE = new Density(15, 120, 30, 12, 200);
    }

    /** @param directory of the checkpoints */
    Trial(Setting<K, N> setting, Set<StatefulJob.Kind> kinds, Density density, long seed, Path directory)
            throws Exception {
        this.setting = setting;
        this.density = density;
        this.random = new Random(seed);
        this.directory = directory;
        for (StatefulJob.Kind kind : kinds) {
            jobs.add(new StatefulJob<>(kind, setting, 2, environment, clock::get, List.of()));
        }
    }

    /** An operation on one job; what it answers must not depend on the backend. */
    interface Operation<K, N> {
        Object on(StatefulJob<K, N> job) throws Exception;
    }

    /** What a job is to be restored from, at any parallelism. */
    interface Origin<K, N> {
        List<KeyedStateHandle> of(StatefulJob<K, N> job);
    }

    void compare(String name, Operation<K, N> operation) throws Exception {
        note(name.replaceAll("x{9,}", "x.."));
        Object expected = null;
        for (StatefulJob<K, N> job : jobs) {
            Object answer = operation.on(job);
            if (job.kind() == StatefulJob.Kind.HEAP) {
                expected = answer;
            } else {
                assertThat(answer)
                        .as("%s after %d operations, the last: %s", job.kind(), history.size(), lastOfHistory())
                        .isEqualTo(expected);
            }
        }
    }

    void note(String step) {
        history.add(step);
    }

    String lastOfHistory() {
        return String.join("\n", history.subList(Math.max(0, history.size() - 15), history.size()));
    }

    List<StatefulJob<K, N>> jobs() {
        return jobs;
    }

    <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    /** Ends all jobs and begins them anew, at another parallelism. */
    void restart(Origin<K, N> origin) throws Exception {
        int parallelism = 1 + random.nextInt(PARALLELISM_MAX);
        environment.getExecutionConfig().setUseSnapshotCompression(random.nextBoolean());
        note("restore at parallelism " + parallelism);
        List<StatefulJob<K, N>> restored = new ArrayList<>();
        for (StatefulJob<K, N> job : jobs) {
            job.close();
            restored.add(new StatefulJob<>(job.kind(), setting, parallelism, environment, clock::get, origin.of(job)));
        }
        jobs = restored;
    }

    @Override
    public void close() throws Exception {
        for (StatefulJob<K, N> job : jobs) {
            job.close();
        }
        environment.close();
    }
}
