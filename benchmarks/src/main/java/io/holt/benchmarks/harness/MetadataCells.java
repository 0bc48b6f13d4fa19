package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.data.OperationStream;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.engine.KeyValueEngine;
import io.holt.benchmarks.engine.Tally;

/** What a file system asks of the store of its metadata. */
final class MetadataCells {

    private static final int TARGET_BYTES = 1 << 16;
    private static final int GETS = 45;
    private static final int PUTS = 65;
    private static final int LISTS = 75;
    private static final int DIRECTORY_LISTS = 85;
    private static final int CREATIONS = 95;

    private MetadataCells() {}

    static Cell rename(KeyValueEngine engine, Dataset dataset) {
        byte[] source = dataset.key(dataset.records() / 3);
        byte[] value = dataset.value(dataset.records() / 3);
        byte[] target = dataset.kind().paths().orElseThrow().renameKey();
        byte[] buffer = new byte[TARGET_BYTES];
        return rounds -> {
            for (int i = 1; i < rounds; i++) {
                engine.rename(source, target);
                engine.rename(target, source);
            }
            engine.rename(source, target);
            WrongAnswerException.check("bytes of the renamed record", value.length, engine.get(target, buffer));
            WrongAnswerException.check("answer for its old key", KeyValueEngine.ABSENT, engine.get(source, buffer));
            engine.rename(target, source);
        };
    }

    static Cell mix(KeyValueEngine engine, Dataset dataset) {
        return new Mix(engine, dataset);
    }

    private static final class Mix implements Cell {
        private final KeyValueEngine engine;
        private final Dataset dataset;
        private final SplitMix64 random = OperationStream.METADATA_MIX.begin();
        private final byte[] buffer = new byte[TARGET_BYTES];
        private final byte[] directory;
        private final byte[] root;
        private final byte[] createKey;
        private final byte[] renameKey;
        private final byte[] renamed;

        Mix(KeyValueEngine engine, Dataset dataset) {
            this.engine = engine;
            this.dataset = dataset;
            DatasetKind.Paths paths = dataset.kind().paths().orElseThrow();
            this.directory = paths.directory();
            this.root = paths.root();
            this.createKey = paths.createKey();
            this.renameKey = paths.renameKey();
            this.renamed = dataset.key(dataset.records() / 3);
        }

        @Override
        public void run(int rounds) {
            long gets = 0;
            long bytes = 0;
            long lists = 0;
            long directoryLists = 0;
            Tally listed = new Tally();
            Tally directories = new Tally();
            for (int i = 0; i < rounds; i++) {
                int number = random.nextInt();
                int kind = Integer.remainderUnsigned(number, 100);
                int index = Integer.remainderUnsigned(number, dataset.records());
                if (kind < GETS) {
                    gets++;
                    bytes += engine.get(dataset.key(index), buffer);
                } else if (kind < PUTS) {
                    engine.put(dataset.key(index), dataset.value(index));
                } else if (kind < LISTS) {
                    lists++;
                    engine.listKeys(directory, WalkCells.LIMIT, listed);
                } else if (kind < DIRECTORY_LISTS) {
                    directoryLists++;
                    engine.listDirectories(root, WalkCells.DELIMITER, WalkCells.DIRECTORIES, directories);
                } else if (kind < CREATIONS) {
                    engine.put(createKey, dataset.value(index));
                    engine.delete(createKey);
                } else {
                    engine.rename(renamed, renameKey);
                    engine.rename(renameKey, renamed);
                }
            }
            WrongAnswerException.check("bytes got", gets * dataset.valueBytes(), bytes);
            WrongAnswerException.check("records listed", lists * WalkCells.LIMIT, listed.records());
            WrongAnswerException.check(
                    "directories listed", directoryLists * WalkCells.DIRECTORIES, directories.records());
        }
    }
}
