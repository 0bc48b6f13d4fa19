package io.holt.benchmarks.flink;

import io.holt.benchmarks.harness.Cell;
import io.holt.benchmarks.harness.WrongAnswerException;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.DoubleSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;

/** Clears a map of 10,000 entries between those of other keys. */
final class LargeMapCell implements Cell {

    private static final long ENTRIES = 10_000;
    private static final long NEIGHBOURS = 20;

    private final KeyedState keyed;
    private final MapState<Long, Double> state;

    LargeMapCell(KeyedState keyed) throws Exception {
        this.keyed = keyed;
        this.state = keyed.state(new MapStateDescriptor<>("maps", LongSerializer.INSTANCE, DoubleSerializer.INSTANCE));
        for (long key = 1; key <= NEIGHBOURS; key++) {
            fill(key);
        }
    }

    private void fill(long key) {
        ValueCells.checked(ignored -> {
                    keyed.backend().setCurrentKey(key);
                    for (long entry = 0; entry < ENTRIES; entry++) {
                        state.put(entry, (double) entry);
                    }
                })
                .run(1);
    }

    @Override
    public void prepare() {
        fill(0);
    }

    @Override
    public void run(int rounds) {
        ValueCells.checked(count -> {
                    for (int i = 0; i < count; i++) {
                        keyed.backend().setCurrentKey(0L);
                        state.clear();
                    }
                    WrongAnswerException.check("1 if it is empty", 1, state.isEmpty() ? 1 : 0);
                })
                .run(rounds);
    }
}
