package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.OperationStream;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.engine.KeyValueEngine;
import java.util.Arrays;

/** Puts all records into an engine that is empty, a new one each time. */
final class InsertCell implements Cell {

    private final LoadedEngine slot;
    private final Dataset dataset;
    private final int[] order;
    private final boolean bulk;
    private KeyValueEngine engine;

    private InsertCell(LoadedEngine slot, Dataset dataset, int[] order, boolean bulk) {
        this.slot = slot;
        this.dataset = dataset;
        this.order = order;
        this.bulk = bulk;
    }

    static InsertCell inShuffledOrder(LoadedEngine slot, Dataset dataset) {
        return new InsertCell(slot, dataset, shuffled(dataset.records()), false);
    }

    static InsertCell inOrder(LoadedEngine slot, Dataset dataset) {
        return new InsertCell(slot, dataset, ascending(dataset), false);
    }

    static InsertCell inBulk(LoadedEngine slot, Dataset dataset) {
        return new InsertCell(slot, dataset, ascending(dataset), true);
    }

    @Override
    public void prepare() {
        if (engine != null) {
            slot.verify();
        }
        engine = slot.empty();
    }

    @Override
    public void run(int rounds) {
        for (int i = 0; i < rounds; i++) {
            if (bulk) {
                engine.bulkLoad(dataset, order);
            } else {
                engine.load(dataset, order);
            }
        }
    }

    @Override
    public int operationsPerRound() {
        return dataset.records();
    }

    @Override
    public boolean isLong() {
        return true;
    }

    /** The indexes in the order of the records' keys. */
    static int[] ascending(Dataset dataset) {
        Integer[] order = new Integer[dataset.records()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Arrays.compareUnsigned(dataset.key(a), dataset.key(b)));
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }

    /** A permutation of the indexes, always the same one. */
    static int[] shuffled(int records) {
        int[] order = new int[records];
        for (int i = 0; i < records; i++) {
            order[i] = i;
        }
        SplitMix64 random = OperationStream.SHUFFLE.begin();
        for (int i = records - 1; i > 0; i--) {
            int other = random.nextIndex(i + 1);
            int index = order[i];
            order[i] = order[other];
            order[other] = index;
        }
        return order;
    }
}
