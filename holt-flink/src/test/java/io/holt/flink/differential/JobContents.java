package io.holt.flink.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.java.tuple.Tuple2;

/** What jobs hold, in forms that do not depend on the backend. */
final class JobContents {

    private JobContents() {}

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
}
