package io.holt;

import io.holt.api.BatchConflictException;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import java.nio.charset.StandardCharsets;
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
    private final HoltTree other = DB.tree(name + "-other");

    public TreeLincheckTest() {
        // Large neighbours, so that the keys below lie in frames of their own, which fill up and empty.
        for (int i = 0; i < 10; i++) {
            tree.put(bytes("dir/" + i + "/neighbour"), new byte[60_000]);
        }
    }

    private static synchronized String nextName() {
        if (trees > 0) {
            DB.dropTree("tree-" + (trees - 1));
            DB.dropTree("tree-" + (trees - 1) + "-other");
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

    /** One of many reads at once; the others are of no matter. */
    @Operation
    public int getAmongMany(@Param(name = "key") int key) {
        byte[][] keys = {key((key + 1) % 6), key(key), key((key + 2) % 6)};
        byte[][] targets = new byte[3][SIZES[SIZES.length - 1]];
        int[] lengths = new int[3];
        tree.getMany(keys, 3, targets, lengths);
        return lengths[1] == TreeView.ABSENT ? 0 : number(java.util.Arrays.copyOf(targets[1], lengths[1]));
    }

    /** One of several changes at once; the other one changes nothing. */
    @Operation
    public void putAmongMany(@Param(name = "key") int key, @Param(name = "value") int value) {
        tree.putMany(new byte[][] {bytes("dir/0/absent"), key(key)}, new byte[][] {null, value(value)}, 2);
    }

    @Operation
    public boolean isLongestPrefix(@Param(name = "key") int key) {
        byte[] longer = bytes("dir/" + key % 3 + "/k" + key + "/beyond");
        return tree.longestPrefix(longer) == key(key).length;
    }

    @Operation
    public boolean isVisited(@Param(name = "key") int key) {
        return tree.visit(Scan.prefix(key(key)), (keys, from, bytes, values, at, length) -> {
                    if (number(java.util.Arrays.copyOfRange(values, at, at + length)) < 0) {
                        throw new IllegalStateException("a torn value");
                    }
                    return true;
                })
                > 0;
    }

    @Operation
    public boolean isVisitedAmongMany(@Param(name = "key") int key) {
        byte[][] prefixes = {key((key + 1) % 6), key(key), key((key + 2) % 6)};
        int[] counts = new int[3];
        tree.visitMany(prefixes, 3, 1, (k, ko, kb, v, vo, vb) -> true, counts);
        return counts[1] == 1;
    }

    @Operation
    public boolean createVersioned(@Param(name = "key") int key, @Param(name = "value") int value) {
        return tree.compareAndPut(key(key), TreeView.ABSENT, value(value)) != TreeView.NO_VERSION;
    }

    @Operation
    public void putVersioned(@Param(name = "key") int key, @Param(name = "value") int value) {
        tree.putVersioned(key(key), value(value));
    }

    @Operation
    public boolean isVersioned(@Param(name = "key") int key) {
        return tree.version(key(key)) > 0;
    }

    @Operation
    public boolean replaceIfUnversioned(@Param(name = "key") int key, @Param(name = "value") int value) {
        return tree.compareAndPut(key(key), TreeView.NO_VERSION, value(value)) != TreeView.NO_VERSION;
    }

    @Operation
    public boolean deleteIfUnversioned(@Param(name = "key") int key) {
        return tree.deleteIfVersion(key(key), TreeView.NO_VERSION);
    }

    @Operation
    public boolean isPrefixEmpty(@Param(name = "key") int key) {
        return tree.isPrefixEmpty(key(key));
    }

    @Operation
    public long count(@Param(name = "key") int key) {
        return tree.prefixCount(key(key), 5);
    }

    /** One of two at once; the other one is there. */
    @Operation
    public int putAmongManyIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
        return tree.putAllIfAbsent(
                new byte[][] {bytes("dir/0/neighbour"), key(key)},
                new byte[][] {value(value), value(value)},
                new boolean[2]);
    }

    @Operation
    public void putInBothTrees(@Param(name = "key") int key, @Param(name = "value") int value) {
        DB.newBatch()
                .put(tree, key(key), value(value))
                .put(other, key(key), value(value))
                .commit();
    }

    @Operation
    public boolean deleteFromBothTrees(@Param(name = "key") int key) {
        try {
            DB.newBatch()
                    .assertVersion(tree, key(key), TreeView.NO_VERSION)
                    .delete(tree, key(key))
                    .delete(other, key(key))
                    .commit();
            return true;
        } catch (BatchConflictException e) {
            return false;
        }
    }

    @Operation
    public int getFromBothTrees(@Param(name = "key") int key) {
        try (Snapshot snapshot = DB.snapshot()) {
            return 10 * number(snapshot.tree(name).get(key(key)))
                    + number(snapshot.tree(name + "-other").get(key(key)));
        }
    }

    @Operation
    public String rename(@Param(name = "key") int from, @Param(name = "key") int to, boolean force) {
        return tree.rename(key(from), key(to), force).name();
    }

    @Operation
    public void putBoth(
            @Param(name = "key") int key, @Param(name = "key") int other, @Param(name = "value") int value) {
        DB.newBatch()
                .put(tree, key(key), value(value))
                .delete(tree, key(other))
                .put(tree, key(other), value(value))
                .commit();
    }

    /** Small enough to be made in place. */
    @Operation
    public void putOneDeleteOther(
            @Param(name = "key") int key, @Param(name = "key") int other, @Param(name = "value") int value) {
        DB.newBatch()
                .put(tree, key(key), value(Math.min(2, value)))
                .delete(tree, key(other))
                .commit();
    }

    @Operation
    public boolean moveIfFree(@Param(name = "key") int from, @Param(name = "key") int to) {
        try {
            DB.newBatch()
                    .assertAbsent(tree, key(to))
                    .rename(tree, key(from), key(to), false)
                    .commit();
            return true;
        } catch (BatchConflictException e) {
            return false;
        }
    }

    @Operation
    public boolean delete(@Param(name = "key") int key) {
        return tree.delete(key(key));
    }

    @Operation
    public int getAndDelete(@Param(name = "key") int key) {
        return number(tree.getAndDelete(key(key)));
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
                .sequentialSpecification(SequentialTree.class)
                .check(TreeLincheckTest.class);
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
