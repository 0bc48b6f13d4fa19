package io.holt.flink.differential;

import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.flink.runtime.state.internal.InternalMergingState;

/** Steps of a random program that read and change states of all kinds. */
final class StateSteps<K, N> {

    private final Trial<K, N> trial;

    StateSteps(Trial<K, N> trial) {
        this.trial = trial;
    }

    private String text() {
        return trial.random.nextInt(trial.density.longTextEach()) == 0
                ? "long".repeat(trial.random.nextInt(3000))
                : "t" + trial.random.nextInt(1000);
    }

    void operation() throws Exception {
        int choice = trial.random.nextInt(24);
        K key = trial.any(trial.setting.keys());
        N namespace = trial.any(trial.setting.namespaces());
        String text = text();
        String mapKey = trial.any(List.of("", "k", "kk", "kkk", "z" + trial.random.nextInt(300)));
        int number = trial.random.nextInt(100);
        trial.compare("state operation " + choice + " on " + key + ", " + namespace + ", " + number, job -> {
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

    void expiringOperation() throws Exception {
        int choice = trial.random.nextInt(9);
        if (choice == 0) {
            trial.clock.addAndGet(trial.random.nextInt((int) SubtaskStates.TTL_MILLIS / 3));
        }
        K key = trial.any(trial.setting.keys());
        N namespace = trial.any(trial.setting.namespaces());
        String text = text();
        String mapKey = "k" + trial.random.nextInt(40);
        trial.compare("expiring operation " + choice + " on " + key + ", " + namespace + " at " + trial.clock, job -> {
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
            return choice % trial.density.contentsEach() == 0 || trial.clock.get() % trial.density.contentsEach() == 0
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
        if (number % trial.density.contentsEach() != 0) {
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
        N target = trial.any(trial.setting.namespaces());
        List<N> sources = trial.setting.namespaces().stream()
                .filter(namespace -> !namespace.equals(target) && trial.random.nextBoolean())
                .toList();
        trial.compare("merge " + sources + " into " + target + " of " + key, job -> {
            SubtaskStates<K, N> at = job.at(key);
            merge(at.list, target, sources);
            merge(at.reducing, target, sources);
            merge(at.aggregating, target, sources);
            return JobContents.of(job, trial.setting, key);
        });
    }

    private void merge(InternalMergingState<K, N, ?, ?, ?> state, N target, List<N> sources) throws Exception {
        state.setCurrentNamespace(target);
        state.mergeNamespaces(target, sources);
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
}
