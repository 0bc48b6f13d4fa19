package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.OperationStream;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.engine.KeyValueEngine;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Operations of two threads at once, each on a half of the records: no directory has records of both halves, but the
 * one in the middle. The time is that gone by until both have done their rounds, divided by the rounds of both.
 */
final class TwoThreadCells {

    static final int THREADS = 2;
    private static final int TARGET_BYTES = 1 << 16;

    private TwoThreadCells() {}

    /** What one of the threads does; it has its own stream and its own half. */
    private interface Part {
        void run(SplitMix64 random, int firstRecord, int records, int rounds);
    }

    static Cell get(KeyValueEngine engine, Dataset dataset) {
        return cell(dataset, OperationStream.SCALE_GET, (random, first, records, rounds) -> {
            byte[] target = new byte[TARGET_BYTES];
            long bytes = 0;
            for (int i = 0; i < rounds; i++) {
                bytes += engine.get(dataset.key(first + random.nextIndex(records)), target);
            }
            WrongAnswerException.check("bytes got", (long) rounds * dataset.valueBytes(), bytes);
        });
    }

    static Cell put(KeyValueEngine engine, Dataset dataset) {
        return cell(dataset, OperationStream.SCALE_PUT, (random, first, records, rounds) -> {
            for (int i = 0; i < rounds; i++) {
                int index = first + random.nextIndex(records);
                engine.put(dataset.key(index), dataset.value(index));
            }
        });
    }

    private static Cell cell(Dataset dataset, OperationStream stream, Part part) {
        SplitMix64 mine = stream.begin();
        SplitMix64 others = new SplitMix64(stream.seed() + 1);
        int half = dataset.records() / 2;
        return new Cell() {
            @Override
            public void run(int rounds) {
                CompletableFuture<Void> other = CompletableFuture.runAsync(
                        () -> part.run(others, half, dataset.records() - half, rounds),
                        task -> Thread.ofPlatform().start(task));
                try {
                    part.run(mine, 0, half, rounds);
                } finally {
                    join(other);
                }
            }

            @Override
            public int operationsPerRound() {
                return THREADS;
            }
        };
    }

    private static void join(CompletableFuture<Void> other) {
        try {
            other.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof WrongAnswerException wrong) {
                throw wrong;
            }
            throw e;
        }
    }
}
