package io.holt.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** All records of all trees, as plain maps: by name of the tree, then by key. */
public final class Contents {

    private final Map<String, NavigableMap<byte[], byte[]>> trees = new HashMap<>();

    private Contents() {}

    public static Contents of(Snapshot snapshot) {
        Contents contents = new Contents();
        snapshot.treeNames().forEach(name -> contents.trees.put(name, records(snapshot.tree(name))));
        return contents;
    }

    public static Contents of(HoltDb db) {
        try (Snapshot snapshot = db.snapshot()) {
            return of(snapshot);
        }
    }

    private static NavigableMap<byte[], byte[]> records(TreeView tree) {
        TreeMap<byte[], byte[]> records = new TreeMap<>(Arrays::compareUnsigned);
        try (Cursor cursor = tree.scan(Scan.all())) {
            while (cursor.next()) {
                records.put(cursor.key(), cursor.value());
            }
        }
        return records;
    }

    /** The records of a tree, to be changed by a test at will; empty if there is none. */
    public NavigableMap<byte[], byte[]> tree(String name) {
        return trees.computeIfAbsent(name, absent -> new TreeMap<>(Arrays::compareUnsigned));
    }

    /** Fails unless the other has the same trees with the same records; each is also found by its key. */
    public void assertSame(HoltDb db) {
        Contents other = of(db);
        assertThat(other.trees.keySet()).isEqualTo(trees.keySet());
        trees.forEach((name, records) -> {
            NavigableMap<byte[], byte[]> found = other.trees.get(name);
            assertThat(found.keySet())
                    .as("keys of %s", name)
                    .usingElementComparator(Arrays::compare)
                    .containsExactlyElementsOf(records.keySet());
            records.forEach((key, value) -> {
                assertThat(found.get(key)).isEqualTo(value);
                assertThat(db.tree(name).get(key)).isEqualTo(value);
            });
            assertThat(db.tree(name).stats().records()).isEqualTo(records.size());
        });
    }

    /** Whether the other has the same trees with the same records. */
    public boolean sameAs(Contents other) {
        if (!other.trees.keySet().equals(trees.keySet())) {
            return false;
        }
        for (Map.Entry<String, NavigableMap<byte[], byte[]>> tree : trees.entrySet()) {
            NavigableMap<byte[], byte[]> found = other.trees.get(tree.getKey());
            if (found.size() != tree.getValue().size()) {
                return false;
            }
            for (Map.Entry<byte[], byte[]> record : tree.getValue().entrySet()) {
                if (!Arrays.equals(record.getValue(), found.get(record.getKey()))) {
                    return false;
                }
            }
        }
        return true;
    }
}
