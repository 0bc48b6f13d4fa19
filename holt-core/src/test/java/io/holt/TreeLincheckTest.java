package io.holt;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * The verbs of a tree are linearizable: what threads see at once could have happened one after the other. The tree
 * spans several frames, and keys and sizes are such that records move, frames are divided, emptied and unhooked.
 */
@Param(name = "key", gen = IntGen.class, conf = "0:5")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public class TreeLincheckTest {

    private static final HoltDb DB =
            Holt.inMemory(HoltOptions.builder().memoryBytes(64L << 20).build());
    private static final int[] SIZES = {10, 3000, 60_000, 60_001, 70_000};

    private static int trees;

    private final String name = nextName();
    private final HoltTree tree = DB.tree(name);

    public TreeLincheckTest() {
        // Large neighbours, so that the keys below lie in frames of their own, which fill up and empty.
        for (int i = 0; i < 10; i++) {
            tree.put(bytes("dir/" + i + "/neighbour"), new byte[60_000]);
        }
    }

    private static synchronized String nextName() {
        if (trees > 0) {
            DB.dropTree("tree-" + (trees - 1));
        }
        return "tree-" + trees++;
    }

    @Operation
    public int get(@Param(name = "key") int key) {
        return number(tree.get(key(key)));
    }

    @Operation
    public boolean containsKey(@Param(name = "key") int key) {
        return tree.containsKey(key(key));
    }

    @Operation
    public void put(@Param(name = "key") int key, @Param(name = "value") int value) {
        tree.put(key(key), value(value));
    }

    @Operation
    public boolean putIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
        return tree.putIfAbsent(key(key), value(value));
    }

    @Operation
    public boolean delete(@Param(name = "key") int key) {
        return tree.delete(key(key));
    }

    @Operation
    public boolean deletePrefix(@Param(name = "key") int key) {
        return tree.deletePrefix(bytes("dir/" + key % 3 + "/k"));
    }

    @Test
    void theVerbsAreLinearizable() {
        new StressOptions()
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(2)
                .iterations(12)
                .invocationsPerIteration(150)
                .sequentialSpecification(Sequential.class)
                .check(TreeLincheckTest.class);
    }

    /** The same, one after the other. */
    public static final class Sequential {
        private final TreeMap<Integer, Integer> map = new TreeMap<>();

        public int get(int key) {
            return map.getOrDefault(key, 0);
        }

        public boolean containsKey(int key) {
            return map.containsKey(key);
        }

        public void put(int key, int value) {
            map.put(key, value);
        }

        public boolean putIfAbsent(int key, int value) {
            return map.putIfAbsent(key, value) == null;
        }

        public boolean delete(int key) {
            return map.remove(key) != null;
        }

        public boolean deletePrefix(int key) {
            return map.keySet().removeIf(other -> other % 3 == key % 3);
        }
    }

    private static byte[] key(int key) {
        return bytes("dir/" + key % 3 + "/k" + key);
    }

    /** A value that is whole or not: all its bytes are its number. */
    private static byte[] value(int value) {
        byte[] bytes = new byte[SIZES[value]];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static int number(byte[] bytes) {
        if (bytes == null) {
            return 0;
        }
        int value = bytes[0];
        return java.util.Arrays.equals(bytes, value(value)) ? value : -1;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
