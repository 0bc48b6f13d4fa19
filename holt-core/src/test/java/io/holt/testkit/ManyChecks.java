package io.holt.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.TreeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Reads of many keys at once of an engine against those of the model. */
final class ManyChecks {

    private ManyChecks() {}

    /** Prefixes of keys that are there, of all lengths, each with so many records at most. */
    static void comparePrefixes(TreeView actual, TreeView expected, List<byte[]> present) {
        byte[][] prefixes = new byte[present.size()][];
        for (int i = 0; i < prefixes.length; i++) {
            byte[] key = present.get(i);
            prefixes[i] = Arrays.copyOf(key, key.length - i * 7 % (key.length + 1));
            if (i % 5 == 0 && prefixes[i].length > 0) {
                prefixes[i][prefixes[i].length - 1]++;
            }
        }
        for (int most : new int[] {1, 3, 40}) {
            for (int stopAfter : new int[] {Integer.MAX_VALUE, present.size() / 2 + 1}) {
                assertThat(visited(actual, prefixes, most, stopAfter))
                        .isEqualTo(visited(expected, prefixes, most, stopAfter));
            }
        }
    }

    private static List<String> visited(TreeView tree, byte[][] prefixes, int most, int stopAfter) {
        List<String> records = new ArrayList<>();
        int[] counts = new int[prefixes.length];
        long sum = tree.visitMany(
                prefixes,
                prefixes.length,
                most,
                (keys, keyOffset, keyBytes, values, valueOffset, valueBytes) -> {
                    int hash = Arrays.hashCode(Arrays.copyOfRange(values, valueOffset, valueOffset + valueBytes));
                    records.add(HexFormat.of().formatHex(keys, keyOffset, keyOffset + keyBytes) + " " + valueBytes + " "
                            + hash);
                    return records.size() < stopAfter;
                },
                counts);
        records.add(sum + " " + Arrays.toString(counts));
        return records;
    }

    /** Keys that are there and, at every third place, some that may not be. */
    static void compareGets(TreeView actual, TreeView expected, List<byte[]> present) {
        byte[][] keys = present.toArray(byte[][]::new);
        for (int i = 0; i < keys.length; i += 3) {
            keys[i] = Arrays.copyOf(keys[i], keys[i].length / 2 + i % 2 * (keys[i].length / 2 + 1));
        }
        byte[][] targets = new byte[keys.length][100];
        int[] lengths = new int[keys.length + 1];
        actual.getMany(keys, keys.length, targets, lengths);
        for (int i = 0; i < keys.length; i++) {
            byte[] wanted = expected.get(keys[i]);
            assertThat(lengths[i]).isEqualTo(wanted == null ? TreeView.ABSENT : wanted.length);
            if (wanted != null && wanted.length <= 100) {
                assertThat(Arrays.equals(wanted, 0, wanted.length, targets[i], 0, wanted.length))
                        .isTrue();
            }
        }
    }
}
