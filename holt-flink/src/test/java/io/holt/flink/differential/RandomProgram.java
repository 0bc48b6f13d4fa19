package io.holt.flink.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.internal.InternalMergingState;
import org.apache.flink.streaming.api.operators.TimerHeapInternalTimer;
import org.apache.flink.util.CloseableIterator;

/** Does the same random operations on jobs with different backends and compares every answer. */
@SuppressWarnings("try") // What is closed may be interrupted.
final class RandomProgram<K, N> implements AutoCloseable {

    private static final int PARALLELISM_MAX = 4;

    /** An operation is drawn from so many. */
    private static final int DRAWS = 100_000;

    private final Setting<K, N> setting;
    private final Density density;
    private final Random random;
    private final MockEnvironment environment = MockEnvironment.builder().build();
    private final List<String> history = new ArrayList<>();
    private final AtomicLong clock = new AtomicLong(1);
    private long firedUntil = -1000;
    private List<StatefulJob<K, N>> jobs = new ArrayList<>();

    /**
     * How often a program does what takes longest, in {@link #DRAWS} operations.
     *
     * @param restores goes on from a snapshot
     * @param comparisons compares everything there is
     * @param contentsEach after one in so many changes of lists and maps all of them are compared
     * @param longTextEach one in so many texts is long
     */
    record Density(int restores, int comparisons, int contentsEach, int longTextEach) {
        static final Density DENSE = new Density(300, 700, 1, 20);
        static final Density SPARSE = new Density(15, 30, 12, 200);
    }

    RandomProgram(Setting<K, N> setting, Set<StatefulJob.Kind> kinds, Density density, long seed) throws Exception {
        this.setting = setting;
        this.density = density;
        this.random = new Random(seed);
        for (StatefulJob.Kind kind : kinds) {
            jobs.add(new StatefulJob<>(kind, setting, 2, environment, clock::get, List.of()));
        }
    }

    /** An operation on one job; what it answers must not depend on the backend. */
    private interface Operation<K, N> {
        Object on(StatefulJob<K, N> job) throws Exception;
    }

    private void compare(String name, Operation<K, N> operation) throws Exception {
        history.add(name.replaceAll("x{9,}", "x.."));
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

    private List<String> lastOfHistory() {
        return history.subList(Math.max(0, history.size() - 15), history.size());
    }

    void run(int operations) throws Exception {
        for (int i = 0; i < operations; i++) {
            int choice = random.nextInt(DRAWS);
            if (choice < density.restores) {
                restoreFromSnapshot();
            } else if (choice < density.restores + density.comparisons) {
                compareAll();
            } else if (choice < 6000) {
                timerOperation();
            } else if (choice < 16_000) {
                expiringOperation(random.nextInt(9));
            } else {
                stateOperation(random.nextInt(24));
            }
        }
        compareAll();
    }

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private String text() {
        return random.nextInt(density.longTextEach) == 0
                ? "long".repeat(random.nextInt(3000))
                : "t" + random.nextInt(1000);
    }

    private void stateOperation(int choice) throws Exception {
        K key = any(setting.keys());
        N namespace = any(setting.namespaces());
        String text = text();
        String mapKey = any(List.of("", "k", "kk", "kkk", "z" + random.nextInt(300)));
        int number = random.nextInt(100);
        compare("state operation " + choice + " on " + key + ", " + namespace + ", " + number, job -> {
            SubtaskStates<K, N> at = job.at(key);
            at.states().forEach(state -> state.setCurrentNamespace(namespace));
            if (choice < 12) {
                return singleOperation(at, choice, text, mapKey, number);
            }
            return collectionOperation(at, choice, text, mapKey, number);
        });
        if (choice == 23) {
            mergeNamespaces(key);
        }
    }

    private void expiringOperation(int choice) throws Exception {
        if (choice == 0) {
            clock.addAndGet(random.nextInt((int) SubtaskStates.TTL_MILLIS / 3));
        }
        K key = any(setting.keys());
        N namespace = any(setting.namespaces());
        String text = text();
        String mapKey = "k" + random.nextInt(40);
        compare("expiring operation " + choice + " on " + key + ", " + namespace + " at " + clock, job -> {
            SubtaskStates<K, N> at = job.at(key);
            at.states().forEach(state -> state.setCurrentNamespace(namespace));
            switch (choice) {
                case 1, 2 -> at.expiringValue.update(text);
                case 3, 4 -> at.expiringMap.put(mapKey, text.length());
                case 5 -> at.expiringMap.remove(mapKey);
                case 6, 7 -> at.expiringList.add(text);
                case 8 -> at.expiringList.addAll(List.of(text, mapKey));
                default -> {
                    return List.of(at.expiringMap.contains(mapKey), String.valueOf(at.expiringMap.get(mapKey)));
                }
            }
            return choice % density.contentsEach == 0 || clock.get() % density.contentsEach == 0
                    ? at.expiringContents()
                    : List.of(String.valueOf(at.expiringValue.value()));
        });
    }

    private Object singleOperation(SubtaskStates<K, N> at, int choice, String text, String mapKey, int number)
            throws Exception {
        switch (choice) {
            case 0, 1 -> at.value.update(text);
            case 2 -> at.value.update(null);
            case 3 -> at.value.clear();
            case 4 -> at.reducing.add((long) number);
            case 5 -> at.aggregating.add((long) number);
            case 6 -> (number < 50 ? at.reducing : at.aggregating).clear();
            case 7, 8 -> at.map.put(mapKey, number);
            case 9 -> at.map.put(mapKey, null);
            case 10 -> at.map.remove(mapKey);
            default -> {
                return List.of(at.map.contains(mapKey), at.map.isEmpty(), String.valueOf(at.map.get(mapKey)));
            }
        }
        return List.of(
                String.valueOf(at.value.value()),
                String.valueOf(at.reducing.get()),
                String.valueOf(at.aggregating.get()));
    }

    private Object collectionOperation(SubtaskStates<K, N> at, int choice, String text, String mapKey, int number)
            throws Exception {
        List<String> texts =
                IntStream.range(0, 1 + number % 7).mapToObj(i -> text + i).toList();
        switch (choice) {
            case 12, 13, 14 -> at.list.add(text);
            case 15 -> at.list.addAll(sequential(texts));
            case 16 -> at.list.update(texts);
            case 17 -> at.list.clear();
            case 18 -> at.map.putAll(SubtaskStates.numbered(mapKey, 1 + number * 3));
            case 19 -> removeByIterator(at, number);
            case 20 -> setByIterator(at, number);
            case 21 -> {
                if (number < 40) {
                    at.map.clear();
                }
            }
            default -> {
                // Keys and values by themselves are read below.
            }
        }
        if (number % density.contentsEach != 0) {
            return List.of(at.map.contains(mapKey), at.map.isEmpty(), String.valueOf(at.map.get(mapKey)));
        }
        if (choice > 21) {
            return List.of(
                    new TreeSet<>(SubtaskStates.copy(at.map.keys())),
                    SubtaskStates.copy(at.map.values()).stream()
                            .map(String::valueOf)
                            .sorted()
                            .toList());
        }
        return List.of(SubtaskStates.copy(at.list.get()), at.contents(at.map));
    }

    private void removeByIterator(SubtaskStates<K, N> at, int number) throws Exception {
        for (Iterator<Map.Entry<String, Integer>> entries = at.map.iterator(); entries.hasNext(); ) {
            if (Math.floorMod(entries.next().getKey().hashCode(), 3) == number % 3) {
                entries.remove();
            }
        }
        for (Iterator<String> keys = at.map.keys().iterator(); keys.hasNext(); ) {
            if (keys.next().endsWith("7")) {
                keys.remove();
            }
        }
        clearIfEmpty(at);
    }

    /** Flink's heap backend goes on to give the key of a map whose last entry an iterator removed. */
    private static void clearIfEmpty(SubtaskStates<?, ?> at) throws Exception {
        if (at.map.isEmpty()) {
            at.map.clear();
        }
    }

    private void setByIterator(SubtaskStates<K, N> at, int number) throws Exception {
        for (Map.Entry<String, Integer> entry : at.map.entries()) {
            if (entry.getKey().length() % 2 == 0) {
                entry.setValue(number);
            }
        }
    }

    private void mergeNamespaces(K key) throws Exception {
        N target = any(setting.namespaces());
        List<N> sources = setting.namespaces().stream()
                .filter(namespace -> !namespace.equals(target) && random.nextBoolean())
                .toList();
        compare("merge " + sources + " into " + target + " of " + key, job -> {
            SubtaskStates<K, N> at = job.at(key);
            merge(at.list, target, sources);
            merge(at.reducing, target, sources);
            merge(at.aggregating, target, sources);
            return contentsOf(job, key);
        });
    }

    private void merge(InternalMergingState<K, N, ?, ?, ?> state, N target, List<N> sources) throws Exception {
        state.setCurrentNamespace(target);
        state.mergeNamespaces(target, sources);
    }

    private void timerOperation() throws Exception {
        int choice = random.nextInt(10);
        K key = any(setting.keys());
        N namespace = any(setting.namespaces());
        // Not before what has fired: Flink's RocksDB backend forgets such timers when it iterates.
        long time = firedUntil + 1 + random.nextInt(2000);
        long fireTime = firedUntil + random.nextInt(200);
        if (choice == 8) {
            firedUntil = fireTime;
        }
        compare("timer operation " + choice + " on " + key + ", " + namespace + " at " + time, job -> {
            SubtaskStates<K, N> at = job.at(key);
            if (choice < 6) {
                at.timers.add(new TimerHeapInternalTimer<>(time, key, namespace));
            } else if (choice < 8) {
                at.timers.remove(new TimerHeapInternalTimer<>(time, key, namespace));
            } else if (choice == 8) {
                return fireUntil(job, fireTime);
            }
            TimerHeapInternalTimer<K, N> next = at.timers.peek();
            return next == null ? "none" : next.getTimestamp();
        });
    }

    private static <K, N> Object fireUntil(StatefulJob<K, N> job, long time) {
        List<String> fired = new ArrayList<>();
        for (SubtaskStates<K, N> subtask : job.subtasks()) {
            while (!subtask.timers.isEmpty() && subtask.timers.peek().getTimestamp() <= time) {
                fired.add(describe(subtask.timers.poll()));
            }
        }
        fired.sort(null);
        return fired;
    }

    private static String describe(TimerHeapInternalTimer<?, ?> timer) {
        return timer.getTimestamp() + "|" + timer.getKey() + "|" + timer.getNamespace();
    }

    private Map<N, List<Object>> contentsOf(StatefulJob<K, N> job, K key) throws Exception {
        Map<N, List<Object>> contents = new HashMap<>();
        for (N namespace : setting.namespaces()) {
            contents.put(namespace, job.at(key).contents(namespace));
        }
        return contents;
    }

    /** Compares everything there is. */
    private void compareAll() throws Exception {
        for (K key : setting.keys()) {
            compare("contents of " + key, job -> contentsOf(job, key));
        }
        for (String state : SubtaskStates.NAMES) {
            compare("keys and namespaces of " + state, job -> JobContents.keysAndNamespaces(job, state));
            for (N namespace : setting.namespaces()) {
                compare("keys of " + state + ", " + namespace, job -> JobContents.keys(job, List.of(state), namespace));
            }
        }
        N namespace = any(setting.namespaces());
        compare("keys of all, " + namespace, job -> JobContents.keys(job, SubtaskStates.NAMES, namespace));
        compare("visits of all keys, " + namespace, job -> JobContents.visits(job, namespace));
        compare("timers", job -> {
            TreeSet<String> timers = new TreeSet<>();
            int size = 0;
            for (SubtaskStates<K, N> subtask : job.subtasks()) {
                size += subtask.timers.size();
                try (CloseableIterator<TimerHeapInternalTimer<K, N>> all = subtask.timers.iterator()) {
                    all.forEachRemaining(timer -> timers.add(describe(timer)));
                }
            }
            assertThat(timers).as("%s", job.kind()).hasSize(size);
            return timers;
        });
    }

    /** Takes a snapshot, goes on, and then restores all jobs from one job's snapshot at another parallelism. */
    private void restoreFromSnapshot() throws Exception {
        StatefulJob<K, N> source = any(jobs);
        boolean alsoCheckpoint = source.kind().isHolt() && random.nextBoolean();
        var frozen = source.freeze(true);
        var frozenCheckpoint = alsoCheckpoint ? source.freeze(false) : null;
        history.add("snapshot of " + source.kind() + ", also as a checkpoint: " + alsoCheckpoint);
        for (int i = random.nextInt(30); i > 0; i--) {
            stateOperation(random.nextInt(24));
        }
        List<KeyedStateHandle> savepoint = StatefulJob.write(frozen);
        List<KeyedStateHandle> checkpoint = alsoCheckpoint ? StatefulJob.write(frozenCheckpoint) : savepoint;
        int parallelism = 1 + random.nextInt(PARALLELISM_MAX);
        environment.getExecutionConfig().setUseSnapshotCompression(random.nextBoolean());
        history.add("restore at parallelism " + parallelism);
        List<StatefulJob<K, N>> restored = new ArrayList<>();
        for (StatefulJob<K, N> job : jobs) {
            List<KeyedStateHandle> handles = job.kind().isHolt() ? checkpoint : savepoint;
            restored.add(new StatefulJob<>(job.kind(), setting, parallelism, environment, clock::get, handles));
            job.close();
        }
        jobs = restored;
        compareAll();
    }

    /** The same list, which does not say that it is for access by index. */
    private static <T> List<T> sequential(List<T> list) {
        return new AbstractList<>() {
            @Override
            public T get(int index) {
                return list.get(index);
            }

            @Override
            public int size() {
                return list.size();
            }
        };
    }

    @Override
    public void close() throws Exception {
        for (StatefulJob<K, N> job : jobs) {
            job.close();
        }
        environment.close();
    }
}
