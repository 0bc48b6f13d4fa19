package io.holt.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Cursor;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeDroppedException;
import io.holt.api.TreeView;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The oracle against something plainer still: a sorted list of hexadecimal keys, filtered from end to end. */
class ModelDbTest {

    private static final HexFormat HEX = HexFormat.of();

    private final HoltDb db = new ModelDb();

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void scansAgreeWithAFilteredList() {
        Random random = new Random(17);
        for (int round = 0; round < 300; round++) {
            HoltTree tree = db.tree("tree" + round);
            TreeSet<String> keys = new TreeSet<>();
            for (int i = random.nextInt(30); i > 0; i--) {
                byte[] key = shortKey(random);
                tree.put(key, key);
                keys.add(HEX.formatHex(key));
            }
            for (int i = 0; i < 50; i++) {
                Scan scan = randomScan(random);
                byte[] seek = random.nextInt(3) == 0 ? shortKey(random) : null;
                try (Cursor cursor = tree.scan(scan)) {
                    if (seek != null) {
                        for (int skipped = random.nextInt(2); skipped > 0; skipped--) {
                            scan = cursor.next() ? scan.limit(Math.max(0, scan.limit() - 1)) : scan;
                        }
                        cursor.seek(seek);
                    }
                    assertThat(drain(cursor)).isEqualTo(filtered(keys, scan, seek));
                    assertThat(cursor.next()).isFalse();
                }
            }
            byte[] prefix = shortKey(random);
            long withPrefix = filtered(keys, Scan.prefix(prefix), null).size();
            assertThat(tree.prefixCount(prefix, 5)).isEqualTo(Math.min(5, withPrefix));
            assertThat(tree.isPrefixEmpty(prefix)).isEqualTo(withPrefix == 0);
            assertThat(tree.deletePrefix(prefix)).isEqualTo(withPrefix > 0);
            keys.removeIf(key -> key.startsWith(HEX.formatHex(prefix)));
            assertThat(drain(tree.scan(Scan.all()))).isEqualTo(List.copyOf(keys));
        }
    }

    private static byte[] shortKey(Random random) {
        byte[] key = new byte[random.nextInt(4)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) new int[] {0, 1, 0x7F, 0x80, 0xFF}[random.nextInt(5)];
        }
        return key;
    }

    private static Scan randomScan(Random random) {
        Scan scan = random.nextBoolean() ? Scan.all() : Scan.prefix(shortKey(random));
        scan = random.nextBoolean() ? scan.from(shortKey(random), random.nextBoolean()) : scan;
        scan = random.nextBoolean() ? scan.to(shortKey(random), random.nextBoolean()) : scan;
        scan = random.nextBoolean() ? scan.reversed() : scan;
        return random.nextInt(4) == 0 ? scan.limit(random.nextInt(6)) : scan;
    }

    /** Hexadecimal digits sort as the bytes do. */
    private static List<String> filtered(NavigableSet<String> keys, Scan scan, byte[] seek) {
        List<String> kept = new ArrayList<>();
        for (String key : scan.isReverse() ? keys.descendingSet() : keys) {
            int order = seek == null ? 0 : key.compareTo(HEX.formatHex(seek));
            boolean kept1 = scan.isReverse() ? order <= 0 : order >= 0;
            boolean kept2 = scan.prefix() == null || key.startsWith(HEX.formatHex(scan.prefix()));
            int from = scan.from() == null ? 1 : key.compareTo(HEX.formatHex(scan.from()));
            int to = scan.to() == null ? -1 : key.compareTo(HEX.formatHex(scan.to()));
            boolean kept3 = scan.fromInclusive() ? from >= 0 : from > 0;
            boolean kept4 = scan.toInclusive() ? to <= 0 : to < 0;
            if (kept1 && kept2 && kept3 && kept4 && kept.size() < scan.limit()) {
                kept.add(key);
            }
        }
        return kept;
    }

    private static List<String> drain(Cursor cursor) {
        List<String> keys = new ArrayList<>();
        while (cursor.next()) {
            assertThat(cursor.value()).isEqualTo(cursor.key());
            keys.add(HEX.formatHex(cursor.key()));
        }
        return keys;
    }

    @Test
    void pointOperationsKeepTheirOwnBytes() {
        HoltTree tree = db.tree("t");
        byte[] key = {9, 1, 2, 9};
        byte[] value = {7, 7, 7};
        tree.put(key, 1, 2, value, 0, 2);
        value[0] = 0;
        key[1] = 0;
        assertThat(tree.get(new byte[] {1, 2})).containsExactly(7, 7);
        tree.get(new byte[] {1, 2})[0] = 0;
        assertThat(tree.get(new byte[] {0, 1, 2}, 1, 2)).containsExactly(7, 7);

        assertThat(tree.putIfAbsent(new byte[] {1, 2}, new byte[1])).isFalse();
        assertThat(tree.putIfAbsent(new byte[] {1}, new byte[] {5})).isTrue();
        tree.put(MemorySegment.ofArray(new byte[] {3}), MemorySegment.ofArray(new byte[] {4}));
        byte[] target = new byte[2];
        assertThat(tree.get(new byte[] {1, 2}, 0, 2, target, 1)).isEqualTo(2);
        assertThat(target).containsExactly(0, 0);
        assertThat(tree.get(new byte[] {1}, 0, 1, target, 1)).isEqualTo(1);
        assertThat(target).containsExactly(0, 5);
        assertThat(tree.get(new byte[] {8}, 0, 1, target, 0)).isEqualTo(TreeView.ABSENT);
        assertThat(tree.get(MemorySegment.ofArray(new byte[] {3}), MemorySegment.ofArray(target)))
                .isEqualTo(1);
        assertThat(target).containsExactly(4, 5);
        assertThat(tree.stats().records()).isEqualTo(3);

        assertThat(tree.delete(new byte[] {1})).isTrue();
        assertThat(tree.delete(new byte[] {1})).isFalse();
        assertThat(tree.containsKey(new byte[] {1})).isFalse();
    }

    @Test
    void cursorSurvivesChangesAndSpoilsWhatItShowed() {
        HoltTree tree = db.tree("t");
        for (int i = 0; i < 10; i++) {
            tree.put(new byte[] {(byte) i}, new byte[] {(byte) i});
        }
        try (Cursor cursor = tree.scan(Scan.all())) {
            assertThatThrownBy(cursor::keyArray).isInstanceOf(IllegalStateException.class);
            assertThat(cursor.next()).isTrue();
            byte[] shown = cursor.keyArray();
            assertThat(cursor.keyOffset()).isPositive();
            assertThat(shown[cursor.keyOffset()]).isZero();
            tree.delete(new byte[] {0});
            tree.delete(new byte[] {1});
            tree.put(new byte[] {2, 0}, new byte[] {2, 0});
            assertThat(drain(cursor)).containsExactly("02", "0200", "03", "04", "05", "06", "07", "08", "09");
            assertThat(shown[cursor.keyOffset()]).isNotZero();
            tree.put(new byte[] {10}, new byte[] {10});
            assertThat(cursor.next()).isFalse();
            cursor.seek(new byte[] {9, 0});
            assertThat(drain(cursor)).containsExactly("0a");
        }
        try (Cursor keysOnly = tree.scan(Scan.all().keysOnly())) {
            assertThat(keysOnly.next()).isTrue();
            assertThatThrownBy(keysOnly::valueArray).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void snapshotsStayAsTheyWere() {
        db.tree("t").put(new byte[] {1}, new byte[] {1});
        Snapshot before = db.snapshot();
        db.tree("t").put(new byte[] {1}, new byte[] {2});
        db.tree("u").put(new byte[] {3}, new byte[] {3});
        Snapshot after = db.snapshot();
        db.dropTree("t");
        assertThat(before.treeNames()).containsExactly("t");
        assertThat(before.tree("t").get(new byte[] {1})).containsExactly(1);
        assertThatThrownBy(() -> before.tree("u")).isInstanceOf(IllegalArgumentException.class);
        assertThat(after.treeNames()).containsExactly("t", "u");
        assertThat(after.tree("t").get(new byte[] {1})).containsExactly(2);
        assertThat(after.epoch()).isEqualTo(before.epoch() + 1);
        assertThat(db.stats().openSnapshots()).isEqualTo(2);
        TreeView frozen = before.tree("t");
        before.close();
        before.close();
        assertThat(db.stats().openSnapshots()).isEqualTo(1);
        assertThatThrownBy(() -> frozen.get(new byte[1])).isInstanceOf(HoltClosedException.class);
        assertThatThrownBy(before::treeNames)
                .isInstanceOf(HoltClosedException.class)
                .hasMessage("this snapshot is closed");
    }

    @Test
    void wrongArgumentsAreRefusedAndNothingChanges() {
        HoltTree tree = db.tree("t");
        byte[] longest = new byte[TreeView.MAX_KEY_BYTES];
        byte[] tooLong = new byte[TreeView.MAX_KEY_BYTES + 1];
        tree.put(longest, new byte[0]);
        assertThat(tree.get(longest)).isEmpty();
        assertThatThrownBy(() -> tree.put(tooLong, new byte[0])).isInstanceOf(KeyTooLongException.class);
        assertThatThrownBy(() -> tree.putIfAbsent(tooLong, new byte[0])).isInstanceOf(KeyTooLongException.class);
        assertThat(tree.get(tooLong)).isNull();
        assertThat(tree.containsKey(tooLong)).isFalse();
        assertThatThrownBy(() -> tree.get(longest, 1, longest.length)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> db.tree("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> db.tree("\u00e4".repeat(128))).isInstanceOf(IllegalArgumentException.class);
        assertThat(db.tree("\u00e4".repeat(127) + "a").name()).hasSize(128);
        assertThat(tree.stats().records()).isEqualTo(1);
    }

    @Test
    void droppedTreesAndClosedDatabasesRefuseEverything() {
        HoltTree tree = db.tree("t");
        tree.put(new byte[1], new byte[1]);
        Cursor cursor = tree.scan(Scan.all());
        assertThat(db.dropTree("t")).isTrue();
        assertThat(db.dropTree("t")).isFalse();
        assertThat(db.tree("t").stats().records()).isZero();
        assertThatThrownBy(() -> tree.get(new byte[1])).isInstanceOf(TreeDroppedException.class);
        assertThatThrownBy(() -> tree.put(new byte[1], new byte[1])).isInstanceOf(TreeDroppedException.class);
        assertThatThrownBy(cursor::next).isInstanceOf(TreeDroppedException.class);

        HoltTree fresh = db.tree("t");
        Snapshot snapshot = db.snapshot();
        Cursor closed = fresh.scan(Scan.all());
        closed.close();
        assertThatThrownBy(closed::next).hasMessage("this cursor is closed");
        db.close();
        db.close();
        assertThat(db.isClosed()).isTrue();
        List<Runnable> calls = Arrays.asList(
                db::treeNames,
                db::checkpoint,
                db::snapshot,
                db::stats,
                () -> db.tree("t"),
                () -> fresh.get(new byte[1]),
                () -> fresh.put(new byte[1], new byte[1]),
                snapshot::treeNames);
        for (Runnable call : calls) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(HoltClosedException.class)
                    .hasMessage("this database is closed");
        }
        snapshot.close();
    }
}
