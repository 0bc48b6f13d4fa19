package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.OperationStream;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.engine.KeyValueEngine;

/** Operations on one key at a time. */
final class PointCells {

    private static final int TARGET_BYTES = 1 << 16;
    private static final int KEYS_A_CALL = 16;
    private static final int PUTS_AFTER_SNAPSHOT = 10_000;

    private PointCells() {}

    static Cell get(KeyValueEngine engine, Dataset dataset) {
        SplitMix64 random = OperationStream.SCALE_GET.begin();
        byte[] target = new byte[TARGET_BYTES];
        int records = dataset.records();
        return rounds -> {
            long bytes = 0;
            for (int i = 0; i < rounds; i++) {
                bytes += engine.get(dataset.key(random.nextIndex(records)), target);
            }
            WrongAnswerException.check("bytes got", (long) rounds * dataset.valueBytes(), bytes);
        };
    }

    static Cell getMiss(KeyValueEngine engine, Dataset dataset) {
        SplitMix64 random = OperationStream.SCALE_GET_MISS.begin();
        byte[] target = new byte[TARGET_BYTES];
        int records = dataset.records();
        return rounds -> {
            long misses = 0;
            for (int i = 0; i < rounds; i++) {
                byte[] key = dataset.key(random.nextIndex(records));
                // The longest way to a miss: all bytes but the last are there. No key of the data sets ends so.
                key[key.length - 1] ^= 0x40;
                if (engine.get(key, target) == KeyValueEngine.ABSENT) {
                    misses++;
                }
                key[key.length - 1] ^= 0x40;
            }
            WrongAnswerException.check("misses", rounds, misses);
        };
    }

    static Cell getMany(KeyValueEngine engine, Dataset dataset) {
        SplitMix64 random = OperationStream.SCALE_GET.begin();
        byte[][] keys = new byte[KEYS_A_CALL][];
        byte[][] targets = new byte[KEYS_A_CALL][TARGET_BYTES];
        int[] lengths = new int[KEYS_A_CALL];
        int records = dataset.records();
        return new Cell() {
            @Override
            public void run(int rounds) {
                long bytes = 0;
                for (int i = 0; i < rounds; i++) {
                    for (int j = 0; j < KEYS_A_CALL; j++) {
                        keys[j] = dataset.key(random.nextIndex(records));
                    }
                    engine.getMany(keys, targets, lengths);
                    for (int length : lengths) {
                        bytes += length;
                    }
                }
                WrongAnswerException.check("bytes got", (long) rounds * KEYS_A_CALL * dataset.valueBytes(), bytes);
            }

            @Override
            public int operationsPerRound() {
                return KEYS_A_CALL;
            }
        };
    }

    static Cell put(KeyValueEngine engine, Dataset dataset) {
        SplitMix64 random = OperationStream.SCALE_PUT.begin();
        int records = dataset.records();
        return rounds -> {
            for (int i = 0; i < rounds; i++) {
                int index = random.nextIndex(records);
                engine.put(dataset.key(index), dataset.value(index));
            }
        };
    }

    static Cell mixed(KeyValueEngine engine, Dataset dataset) {
        SplitMix64 random = OperationStream.MIXED.begin();
        byte[] target = new byte[TARGET_BYTES];
        int records = dataset.records();
        return rounds -> {
            long gets = 0;
            long bytes = 0;
            for (int i = 0; i < rounds; i++) {
                int number = random.nextInt();
                int index = Integer.remainderUnsigned(number, records);
                if ((number & 1) == 0) {
                    gets++;
                    bytes += engine.get(dataset.key(index), target);
                } else {
                    engine.put(dataset.key(index), dataset.value(index));
                }
            }
            WrongAnswerException.check("bytes got", gets * dataset.valueBytes(), bytes);
        };
    }

    static Cell createDelete(KeyValueEngine engine, Dataset dataset) {
        byte[] key = dataset.kind().paths().orElseThrow().createKey();
        byte[] value = dataset.value(0);
        byte[] target = new byte[TARGET_BYTES];
        return rounds -> {
            for (int i = 1; i < rounds; i++) {
                engine.put(key, value);
                engine.delete(key);
            }
            engine.put(key, value);
            WrongAnswerException.check("bytes of the created record", value.length, engine.get(key, target));
            engine.delete(key);
            WrongAnswerException.check("answer once deleted", KeyValueEngine.ABSENT, engine.get(key, target));
        };
    }

    static Cell snapshot(KeyValueEngine engine) {
        return rounds -> {
            for (int i = 0; i < rounds; i++) {
                close(engine.snapshot());
            }
        };
    }

    static Cell putAfterSnapshot(KeyValueEngine engine, Dataset dataset) {
        return new Cell() {
            private int repetition;
            private AutoCloseable snapshot = () -> {};

            @Override
            public void prepare() {
                PointCells.close(snapshot);
                snapshot = engine.snapshot();
            }

            @Override
            public void run(int rounds) {
                SplitMix64 random = new SplitMix64(OperationStream.AFTER_SNAPSHOT.seed() + repetition++);
                for (int i = 0; i < rounds * PUTS_AFTER_SNAPSHOT; i++) {
                    int index = random.nextIndex(dataset.records());
                    engine.put(dataset.key(index), dataset.value(index));
                }
            }

            @Override
            public void close() {
                PointCells.close(snapshot);
            }

            @Override
            public int operationsPerRound() {
                return PUTS_AFTER_SNAPSHOT;
            }
        };
    }

    private static void close(AutoCloseable snapshot) {
        try {
            snapshot.close();
        } catch (Exception e) {
            throw new IllegalStateException("the snapshot could not be closed", e);
        }
    }
}
