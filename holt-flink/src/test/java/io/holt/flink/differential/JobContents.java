package io.holt.flink.differential;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.java.tuple.Tuple2;

/** What jobs hold, in forms that do not depend on the backend. */
final class JobContents {

    private JobContents() {}

    /** What there is for a key, in all namespaces. */
    static <K, N> Object of(StatefulJob<K, N> job, Setting<K, N> setting, K key) throws Exception {
        Map<N, List<Object>> contents = new HashMap<>();
        for (N namespace : setting.namespaces()) {
            contents.put(namespace, job.at(key).contents(namespace));
        }
        return contents;
    }

    static <K, N> Object keysAndNamespaces(StatefulJob<K, N> job, String state) {
        List<String> described = new ArrayList<>();
        for (SubtaskStates<K, N> subtask : job.subtasks()) {
            try (Stream<Tuple2<K, N>> keys = subtask.backend().getKeysAndNamespaces(state)) {
                keys.forEach(pair -> described.add(pair.f0 + "|" + pair.f1));
            }
        }
        return sorted(job, described);
    }

    static <K, N> Object keys(StatefulJob<K, N> job, List<String> states, N namespace) {
        List<String> described = new ArrayList<>();
        for (SubtaskStates<K, N> subtask : job.subtasks()) {
            try (Stream<K> keys = states.size() == 1
                    ? subtask.backend().getKeys(states.get(0), namespace)
                    : subtask.backend().getKeys(states, namespace)) {
                keys.forEach(key -> described.add(String.valueOf(key)));
            }
        }
        return sorted(job, described);
    }

    /** Flink's RocksDB backend gives a key several times if it has several map entries or states; the others don't. */
    private static Object sorted(StatefulJob<?, ?> job, List<String> described) {
        Stream<String> all = described.stream().sorted();
        return (job.kind() == StatefulJob.Kind.ROCKSDB ? all.distinct() : all).toList();
    }

    /** Visits all keys of the value state, changing the visited ones. */
    static <K, N> Object visits(StatefulJob<K, N> job, N namespace) throws Exception {
        TreeSet<String> visited = new TreeSet<>();
        for (SubtaskStates<K, N> subtask : job.subtasks()) {
            subtask.backend()
                    .applyToAllKeys(
                            namespace,
                            subtask.value.getNamespaceSerializer(),
                            subtask.valueDescriptor,
                            (K key, ValueState<String> state) -> {
                                visited.add(key + "=" + state.value());
                                if (state.value().hashCode() % 2 == 0) {
                                    state.clear();
                                } else {
                                    state.update(state.value() + "v");
                                }
                            });
        }
        return visited;
    }

    /** Who has something that has not expired; for the backend itself a key may be there for longer. */
    static <K, N> Object liveKeysAndNamespaces(StatefulJob<K, N> job, String state) throws Exception {
        TreeSet<String> described = new TreeSet<>();
        for (SubtaskStates<K, N> subtask : job.subtasks()) {
            List<Tuple2<K, N>> all;
            try (Stream<Tuple2<K, N>> keys = subtask.backend().getKeysAndNamespaces(state)) {
                all = keys.map(pair -> Tuple2.of(pair.f0, pair.f1)).toList();
            }
            for (Tuple2<K, N> pair : all) {
                addLive(subtask, state, pair.f0, pair.f1, described);
            }
        }
        return described;
    }

    static <K, N> Object live(StatefulJob<K, N> job, String state, N namespace) throws Exception {
        TreeSet<String> described = new TreeSet<>();
        for (SubtaskStates<K, N> subtask : job.subtasks()) {
            List<K> all;
            try (Stream<K> keys = subtask.backend().getKeys(state, namespace)) {
                all = keys.toList();
            }
            for (K key : all) {
                addLive(subtask, state, key, namespace, described);
            }
        }
        return described;
    }

    private static <K, N> void addLive(
            SubtaskStates<K, N> subtask, String state, K key, N namespace, TreeSet<String> described) throws Exception {
        subtask.backend().setCurrentKey(key);
        String live = subtask.live(state, namespace);
        if (!live.isEmpty()) {
            described.add(key + "|" + namespace + "=" + live);
        }
    }

    /** Visits all keys of the map that expires, changing those that have something. */
    static <K, N> Object visitsOfLive(StatefulJob<K, N> job, N namespace) throws Exception {
        TreeSet<String> visited = new TreeSet<>();
        for (SubtaskStates<K, N> subtask : job.subtasks()) {
            subtask.backend()
                    .applyToAllKeys(
                            namespace,
                            subtask.expiringMap.getNamespaceSerializer(),
                            subtask.expiringMapDescriptor,
                            (K key, MapState<String, Integer> state) -> {
                                TreeMap<String, Integer> entries = new TreeMap<>();
                                state.entries().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
                                if (!entries.isEmpty()) {
                                    visited.add(key + "=" + entries);
                                    state.put("visited", entries.size());
                                }
                            });
        }
        return visited;
    }
}
