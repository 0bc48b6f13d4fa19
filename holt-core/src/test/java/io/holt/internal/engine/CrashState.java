package io.holt.internal.engine;

import io.holt.api.Cursor;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** All records of all trees, the values as hashes. */
final class CrashState {

    private final Map<String, Map<String, Integer>> trees = new TreeMap<>();

    static CrashState of(Snapshot snapshot) {
        CrashState state = new CrashState();
        for (String name : snapshot.treeNames()) {
            Map<String, Integer> records = state.create(name);
            try (Cursor cursor = snapshot.tree(name).scan(Scan.all())) {
                while (cursor.next()) {
                    String key = new String(cursor.key(), StandardCharsets.ISO_8859_1);
                    records.put(key, Arrays.hashCode(cursor.value()));
                }
            }
        }
        return state;
    }

    CrashState copy() {
        CrashState copy = new CrashState();
        trees.forEach((name, records) -> copy.trees.put(name, new TreeMap<>(records)));
        return copy;
    }

    boolean hasTree(String name) {
        return trees.containsKey(name);
    }

    Map<String, Integer> create(String name) {
        return trees.computeIfAbsent(name, absent -> new TreeMap<>());
    }

    void drop(String name) {
        trees.remove(name);
    }

    Map<String, Integer> records(String name) {
        return trees.get(name);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CrashState state && trees.equals(state.trees);
    }

    @Override
    public int hashCode() {
        return trees.hashCode();
    }

    @Override
    public String toString() {
        return trees.toString();
    }
}
