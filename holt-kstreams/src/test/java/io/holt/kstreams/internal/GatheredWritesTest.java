package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.Holt;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.TreeView;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Writes on their way into a tree: found before and after they are there, in the order they came, never lost. */
final class GatheredWritesTest {

    private final HoltDb db =
            Holt.inMemory(HoltOptions.builder().memoryBytes(16 << 20).build());
    private final HoltTree tree = db.tree("data");
    private final GatheredWrites writes = new GatheredWrites(tree);

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void aWriteIsFoundUntilItIsInTheTree() {
        tree.put(bytes("b"), bytes("old"));
        writes.add(bytes("a"), bytes("1"));
        writes.add(bytes("b"), null);
        assertThat(writes.areThere()).isTrue();
        assertThat(writes.find(bytes("a"))).isEqualTo(bytes("1"));
        assertThat(writes.find(bytes("b"))).isNull();
        assertThat(writes.find(bytes("c"))).isSameAs(GatheredWrites.NOT_HERE);
        assertThat(tree.get(bytes("a"))).isNull();

        writes.writeAll();
        assertThat(writes.areThere()).isFalse();
        assertThat(writes.find(bytes("a"))).isSameAs(GatheredWrites.NOT_HERE);
        assertThat(tree.get(bytes("a"))).isEqualTo(bytes("1"));
        assertThat(tree.get(bytes("b"))).isNull();
    }

    /** As by a serializer that fills one buffer again and again. */
    @Test
    void arraysMayBeUsedAgain() {
        byte[] key = bytes("a");
        byte[] value = bytes("1");
        writes.add(key, value);
        key[0] = 'b';
        value[0] = '2';
        writes.add(key, value);
        key[0] = 'c';
        value[0] = '3';
        writes.writeAll();
        assertThat(tree.get(bytes("a"))).isEqualTo(bytes("1"));
        assertThat(tree.get(bytes("b"))).isEqualTo(bytes("2"));
        assertThat(tree.get(bytes("c"))).isNull();
    }

    @Test
    void theLastWriteOfAKeyCounts() {
        writes.add(bytes("a"), bytes("1"));
        writes.add(bytes("a"), null);
        writes.add(bytes("b"), null);
        writes.add(bytes("b"), bytes("2"));
        writes.writeAll();
        assertThat(tree.get(bytes("a"))).isNull();
        assertThat(tree.get(bytes("b"))).isEqualTo(bytes("2"));
    }

    @Test
    void anArrayThatChangesLaterIsOfNoMatter() {
        byte[] value = bytes("one");
        writes.add(bytes("a"), value);
        value[0] = 'x';
        writes.find(bytes("a"))[1] = 'x';
        writes.writeAll();
        assertThat(tree.get(bytes("a"))).isEqualTo(bytes("one"));
    }

    @Test
    void manyWritesAndManyReadsHaveThemWritten() {
        for (int i = 0; i < 100; i++) {
            writes.add(bytes("key" + i), bytes("value" + i));
        }
        assertThat(tree.get(bytes("key80"))).isEqualTo(bytes("value80"));
        for (int i = 0; i < 100; i++) {
            writes.find(bytes("absent"));
        }
        assertThat(writes.areThere()).isFalse();
        assertThat(tree.stats().records()).isEqualTo(100);
    }

    @Test
    void largeOnesComeAfterThoseBefore() {
        byte[] large = new byte[70_000];
        writes.add(bytes("a"), bytes("before"));
        writes.add(bytes("a"), large);
        assertThat(writes.areThere()).isFalse();
        assertThat(tree.get(bytes("a"))).isEqualTo(large);
    }

    @Test
    void aKeyThatIsTooLongIsRefusedAtOnce() {
        writes.add(bytes("a"), bytes("1"));
        byte[] key = new byte[TreeView.MAX_KEY_BYTES + 1];
        assertThatThrownBy(() -> writes.add(key, bytes("2"))).isInstanceOf(KeyTooLongException.class);
        writes.writeAll();
        assertThat(tree.get(bytes("a"))).isEqualTo(bytes("1"));
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenAgain() {
        boolean[] fails = {true};
        GatheredWrites failing = new GatheredWrites(failing(fails));
        failing.add(bytes("a"), bytes("1"));
        failing.add(bytes("b"), bytes("2"));
        assertThatThrownBy(failing::writeAll).isInstanceOf(HoltIoException.class);
        assertThat(failing.areThere()).isTrue();
        assertThat(failing.find(bytes("b"))).isEqualTo(bytes("2"));
        fails[0] = false;
        failing.writeAll();
        assertThat(tree.get(bytes("a"))).isEqualTo(bytes("1"));
        assertThat(tree.get(bytes("b"))).isEqualTo(bytes("2"));
    }

    @Test
    void whatIsForgottenIsNeverWritten() {
        writes.add(bytes("a"), bytes("1"));
        writes.forget();
        writes.writeAll();
        assertThat(tree.get(bytes("a"))).isNull();
    }

    private HoltTree failing(boolean[] fails) {
        return (HoltTree) Proxy.newProxyInstance(
                HoltTree.class.getClassLoader(), new Class<?>[] {HoltTree.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("putMany") && fails[0]) {
                        // As if the second one had failed.
                        byte[][] keys = (byte[][]) arguments[0];
                        byte[][] values = (byte[][]) arguments[1];
                        tree.putMany(Arrays.copyOf(keys, 1), Arrays.copyOf(values, 1), 1);
                        throw new HoltIoException("no space is left");
                    }
                    try {
                        return method.invoke(tree, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
