package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Listings of directories, distinct prefixes, skipping and routes, on a small tree that one can see through. */
class RollUpTest {

    private final HoltDb db =
            Holt.inMemory(HoltOptions.builder().memoryBytes(16L << 20).build());
    private final HoltTree tree = db.tree("files");

    @BeforeEach
    void fill() {
        for (String key : List.of(
                "a/1",
                "a/2",
                "a/sub/3",
                "b",
                "b/4",
                "c//5",
                "c/6",
                "d",
                "photos/2026/x",
                "photos/2026/y",
                "photos/z")) {
            tree.put(bytes(key), bytes("value of " + key));
        }
        for (int i = 0; i < 20_000; i++) {
            tree.put(bytes("many/%06d".formatted(i)), new byte[100]);
        }
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void commonPrefixesAndPlainKeysComeInOrder() {
        Scan root = Scan.all().rollUp(bytes("/"));
        assertThat(list(root)).containsExactly("a/*", "b", "b/*", "c/*", "d", "many/*", "photos/*");
        assertThat(list(root.reversed())).containsExactly("photos/*", "many/*", "d", "c/*", "b/*", "b", "a/*");
        assertThat(list(Scan.prefix(bytes("photos/")).rollUp(bytes("/")))).containsExactly("photos/2026/*", "photos/z");
        assertThat(list(Scan.prefix(bytes("c/")).rollUp(bytes("/")))).containsExactly("c//*", "c/6");
        assertThat(list(Scan.all().rollUp(bytes("//")).limit(6)))
                .containsExactly("a/1", "a/2", "a/sub/3", "b", "b/4", "c//*");
        assertThat(list(root.from(bytes("b/0"), true).to(bytes("d"), false))).containsExactly("b/*", "c/*");
    }

    @Test
    void pagesGoOnBehindTheLastEntry() {
        for (boolean reverse : new boolean[] {false, true}) {
            Scan scan = reverse
                    ? Scan.all().rollUp(bytes("/")).reversed()
                    : Scan.all().rollUp(bytes("/"));
            List<String> paged = new ArrayList<>();
            for (Scan page = scan.limit(1); ; ) {
                List<String> entries = list(page);
                if (entries.isEmpty()) {
                    break;
                }
                paged.addAll(entries);
                page = page.startAfter(bytes(entries.getLast().replace("*", "")));
            }
            assertThat(paged).isEqualTo(list(scan));
        }
    }

    @Test
    void oneRecordStandsForEachPrefix() {
        assertThat(list(Scan.all().distinct(1)))
                .containsExactly("a/1", "b", "c//5", "d", "many/000000", "photos/2026/x");
        assertThat(list(Scan.all().distinct(1).reversed()))
                .containsExactly("photos/z", "many/019999", "d", "c/6", "b/4", "a/sub/3");
        assertThat(list(Scan.all().distinct(2).startAfter(bytes("a/1")).limit(2)))
                .containsExactly("b", "b/4");
        List<String> skipped = new ArrayList<>();
        try (Cursor cursor = tree.scan(Scan.all())) {
            while (cursor.next()) {
                String key = new String(cursor.key(), StandardCharsets.UTF_8);
                skipped.add(key);
                int slash = key.indexOf('/');
                if (slash > 0) {
                    cursor.skipPrefix(slash + 1);
                }
            }
        }
        assertThat(skipped).containsExactly("a/1", "b", "b/4", "c//5", "d", "many/000000", "photos/2026/x");
    }

    @Test
    void theLongestKeyThatLeadsThere() {
        assertThat(tree.longestPrefix(bytes("b/4/and/more"))).isEqualTo(3);
        assertThat(tree.longestPrefix(bytes("b/5"))).isEqualTo(1);
        assertThat(tree.longestPrefix(bytes("b"))).isEqualTo(1);
        assertThat(tree.longestPrefix(bytes("a"))).isEqualTo(TreeView.ABSENT);
        assertThat(tree.longestPrefix(bytes("many/012345/x"))).isEqualTo(11);
        tree.put(new byte[0], bytes("the root"));
        assertThat(tree.longestPrefix(bytes("a"))).isZero();
    }

    /** The 20,000 keys fill several frames: groups lie within one, fill several, or share one, by their length. */
    @Test
    void groupsComeOnceWhereverFramesEnd() {
        List<String> all = list(Scan.all());
        for (boolean reverse : new boolean[] {false, true}) {
            List<String> keys = reverse ? all.reversed() : all;
            for (int length = 1; length <= 12; length++) {
                Scan distinct = direct(Scan.all().distinct(length), reverse);
                assertThat(list(distinct)).as("first %d bytes", length).isEqualTo(firstOfEach(keys, length));
                assertThat(visited(distinct)).isEqualTo(firstOfEach(keys, length));
            }
            for (char digit = '0'; digit <= '9'; digit++) {
                Scan rolled = direct(Scan.prefix(bytes("many/0")).rollUp(bytes("" + digit)), reverse);
                assertThat(list(rolled)).as("rolled up at %s", digit).isEqualTo(rolledUp(keys, "many/0", digit));
            }
        }
    }

    private static Scan direct(Scan scan, boolean reverse) {
        return reverse ? scan.reversed() : scan;
    }

    private static List<String> firstOfEach(List<String> keys, int length) {
        List<String> first = new ArrayList<>();
        String group = null;
        for (String key : keys) {
            String own = key.length() < length ? null : key.substring(0, length);
            if (own == null || !own.equals(group)) {
                first.add(key);
            }
            group = own == null ? group : own;
        }
        return first;
    }

    private static List<String> rolledUp(List<String> keys, String prefix, char delimiter) {
        LinkedHashSet<String> entries = new LinkedHashSet<>();
        for (String key : keys) {
            if (key.startsWith(prefix)) {
                int at = key.indexOf(delimiter, prefix.length());
                entries.add(at < 0 ? key : key.substring(0, at + 1) + "*");
            }
        }
        return List.copyOf(entries);
    }

    @Test
    void allRecordsOfPrefixesMayBeWanted() {
        byte[][] prefixes = {bytes("b"), bytes("many/0123"), bytes(""), bytes("photos/")};
        int[] counts = new int[4];
        List<byte[]> keys = new ArrayList<>();
        tree.visitMany(
                prefixes,
                4,
                Integer.MAX_VALUE,
                (k, ko, kb, v, vo, vb) -> keys.add(Arrays.copyOfRange(k, ko, ko + kb)),
                counts);
        assertThat(counts).containsExactly(2, 100, 20_011, 3);
        assertThat(keys.subList(102, 102 + 20_011)).isSortedAccordingTo(Arrays::compareUnsigned);
    }

    @Test
    void aVisitorIsNotForCommonPrefixes() {
        assertThatThrownBy(() -> tree.visit(Scan.all().rollUp(bytes("/")), (k, ko, kb, v, vo, vb) -> true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Scan.all().rollUp(new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Scan.all().distinct(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private List<String> visited(Scan scan) {
        List<String> keys = new ArrayList<>();
        tree.visit(scan, (key, offset, length, value, valueOffset, valueBytes) -> {
            keys.add(new String(key, offset, length, StandardCharsets.UTF_8));
            return true;
        });
        return keys;
    }

    /** Keys; a common prefix has a star behind it. */
    private List<String> list(Scan scan) {
        List<String> entries = new ArrayList<>();
        try (Cursor cursor = tree.scan(scan)) {
            while (cursor.next()) {
                String key = new String(cursor.key(), StandardCharsets.UTF_8);
                entries.add(cursor.isCommonPrefix() ? key + "*" : key);
                String value = new String(cursor.value(), StandardCharsets.UTF_8);
                assertThat(value.isEmpty()).isEqualTo(cursor.isCommonPrefix());
            }
        }
        return entries;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
