package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.engine.KeyValueEngine;
import io.holt.benchmarks.engine.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** Operations on many records in a row. */
final class WalkCells {

    static final int LIMIT = 100;
    static final int DIRECTORIES = 8;
    static final byte DELIMITER = '/';

    private WalkCells() {}

    static Cell list(KeyValueEngine engine, Dataset dataset) {
        byte[] prefix = dataset.kind().paths().orElseThrow().directory();
        List<byte[]> expected = firstUnder(prefix, dataset);
        long expectedBytes = expected.stream().mapToLong(bytes -> bytes.length).sum();
        List<byte[]> got = new ArrayList<>();
        engine.list(prefix, LIMIT, got);
        WrongAnswerException.check("1 if the list is the right one", 1, same(expected, got) ? 1 : 0);
        return rounds -> {
            long bytes = 0;
            for (int i = 0; i < rounds; i++) {
                List<byte[]> target = new ArrayList<>(2 * LIMIT);
                engine.list(prefix, LIMIT, target);
                for (byte[] part : target) {
                    bytes += part.length;
                }
            }
            WrongAnswerException.check("bytes listed", rounds * expectedBytes, bytes);
        };
    }

    static Cell listKeys(KeyValueEngine engine, Dataset dataset) {
        byte[] prefix = dataset.kind().paths().orElseThrow().directory();
        Tally expected = new Tally();
        List<byte[]> records = firstUnder(prefix, dataset);
        for (int i = 0; i < records.size(); i += 2) {
            byte[] key = records.get(i);
            expected.add(key.length, key[key.length - 1]);
        }
        return rounds -> {
            Tally tally = new Tally();
            for (int i = 0; i < rounds; i++) {
                engine.listKeys(prefix, LIMIT, tally);
            }
            check(expected, rounds, tally);
        };
    }

    static Cell listDirectories(KeyValueEngine engine, Dataset dataset) {
        byte[] root = dataset.kind().paths().orElseThrow().root();
        Tally expected = directories(root, dataset);
        return rounds -> {
            Tally tally = new Tally();
            for (int i = 0; i < rounds; i++) {
                engine.listDirectories(root, DELIMITER, DIRECTORIES, tally);
            }
            check(expected, rounds, tally);
        };
    }

    /** What listing directories must find. */
    static Tally directories(byte[] root, Dataset dataset) {
        TreeSet<byte[]> found = new TreeSet<>(Arrays::compareUnsigned);
        for (int i = 0; i < dataset.records(); i++) {
            byte[] key = dataset.key(i);
            if (startsWith(key, root)) {
                found.add(Arrays.copyOf(key, KeyValueEngine.directoryBytes(key, root.length, DELIMITER)));
            }
        }
        Tally expected = new Tally();
        found.stream()
                .limit(DIRECTORIES)
                .forEach(directory -> expected.add(directory.length, directory[directory.length - 1]));
        return expected;
    }

    static Cell iterate(KeyValueEngine engine, Dataset dataset) {
        Tally expected = new Tally();
        for (int i = 0; i < dataset.records(); i++) {
            byte[] value = dataset.value(i);
            expected.add(dataset.key(i).length + value.length, value[0]);
        }
        return new Cell() {
            @Override
            public void run(int rounds) {
                Tally tally = new Tally();
                for (int i = 0; i < rounds; i++) {
                    engine.iterate(tally);
                }
                check(expected, rounds, tally);
            }

            @Override
            public int operationsPerRound() {
                return dataset.records();
            }
        };
    }

    static Cell deletePrefix(KeyValueEngine engine, Dataset dataset) {
        byte[] prefix = dataset.kind().paths().orElseThrow().subtree();
        return new Cell() {
            private boolean deleted;

            @Override
            public void prepare() {
                if (deleted) {
                    checkGone();
                    engine.load(dataset, null);
                    engine.settle();
                }
            }

            @Override
            public void run(int rounds) {
                for (int i = 0; i < rounds; i++) {
                    engine.deletePrefix(prefix);
                }
                deleted = true;
            }

            private void checkGone() {
                Tally tally = new Tally();
                engine.iterate(tally);
                long kept = 0;
                for (int i = 0; i < dataset.records(); i++) {
                    kept += startsWith(dataset.key(i), prefix) ? 0 : 1;
                }
                WrongAnswerException.check("records left", kept, tally.records());
            }

            @Override
            public boolean isLong() {
                return true;
            }
        };
    }

    private static void check(Tally expected, int rounds, Tally actual) {
        WrongAnswerException.check("records", expected.records() * rounds, actual.records());
        WrongAnswerException.check("bytes", expected.bytes() * rounds, actual.bytes());
        WrongAnswerException.check("sum of samples", expected.sum() * rounds, actual.sum());
    }

    /** Key and value, in turns, of the first records under a prefix. */
    private static List<byte[]> firstUnder(byte[] prefix, Dataset dataset) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < dataset.records(); i++) {
            if (startsWith(dataset.key(i), prefix)) {
                found.add(i);
            }
        }
        found.sort((a, b) -> Arrays.compareUnsigned(dataset.key(a), dataset.key(b)));
        List<byte[]> records = new ArrayList<>();
        for (int index : found.subList(0, LIMIT)) {
            records.add(dataset.key(index));
            records.add(dataset.value(index));
        }
        return records;
    }

    private static boolean same(List<byte[]> expected, List<byte[]> actual) {
        return Arrays.deepEquals(expected.toArray(), actual.toArray());
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
