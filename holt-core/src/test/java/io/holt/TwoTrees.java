package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Two trees of a database and what they should hold. */
final class TwoTrees {

    final HoltDb db;
    final HoltTree[] real;
    final List<Map<String, byte[]>> model = List.of(new TreeMap<>(), new TreeMap<>());

    TwoTrees(HoltDb db) {
        this.db = db;
        this.real = new HoltTree[] {db.tree("a"), db.tree("b")};
    }

    HoltTree a() {
        return real[0];
    }

    HoltTree b() {
        return real[1];
    }

    Map<String, byte[]> modelA() {
        return model.get(0);
    }

    Map<String, byte[]> modelB() {
        return model.get(1);
    }

    List<Map<String, byte[]>> copyOfModel() {
        return List.of(new TreeMap<>(modelA()), new TreeMap<>(modelB()));
    }

    void assertHold(List<Map<String, byte[]>> expected, String what) {
        assertSame(a(), expected.get(0), what);
        assertSame(b(), expected.get(1), what);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] value(int seed, int length) {
        byte[] value = new byte[length];
        new Random(seed).nextBytes(value);
        return value;
    }

    static String key(int i) {
        return "dir-" + i % 5 + "/file-" + i;
    }

    static void assertSame(TreeView tree, Map<String, byte[]> model, String what) {
        try (Cursor cursor = tree.scan(Scan.all())) {
            for (Map.Entry<String, byte[]> entry : model.entrySet()) {
                assertThat(cursor.next())
                        .as("%s: record %s", what, entry.getKey())
                        .isTrue();
                assertThat(new String(cursor.key(), StandardCharsets.US_ASCII))
                        .as(what)
                        .isEqualTo(entry.getKey());
                assertThat(Arrays.equals(cursor.value(), entry.getValue()))
                        .as("%s: value of %s", what, entry.getKey())
                        .isTrue();
            }
            assertThat(cursor.next()).as("%s: more records", what).isFalse();
        }
    }

    static void put(HoltTree tree, Map<String, byte[]> model, String key, byte[] value) {
        tree.put(bytes(key), value);
        model.put(key, value);
    }
}
