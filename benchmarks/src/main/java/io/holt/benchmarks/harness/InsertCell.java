package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.OperationStream;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.engine.KeyValueEngine;

/** Puts all records in shuffled order into an engine that is empty, a new one each time. */
final class InsertCell implements Cell {

    private final LoadedEngine slot;
    private final Dataset dataset;
    private final int[] order;
    private KeyValueEngine engine;

    InsertCell(LoadedEngine slot, Dataset dataset) {
        this.slot = slot;
        this.dataset = dataset;
        this.order = shuffled(dataset.records());
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
            engine.load(dataset, order);
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
