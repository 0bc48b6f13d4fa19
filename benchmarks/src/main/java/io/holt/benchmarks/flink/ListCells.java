package io.holt.benchmarks.flink;

import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.harness.Cell;
import io.holt.benchmarks.harness.WrongAnswerException;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;

/** Operations on list state: 100 numbers for each tenth key. */
final class ListCells {

    private static final int ELEMENTS = 100;
    private static final List<Long> LIST = LongStream.range(0, ELEMENTS).boxed().toList();
    private static final long SUM = ELEMENTS * (ELEMENTS - 1) / 2;

    private final KeyedState keyed;
    private final int keys;
    private final ListState<Long> state;
    private final SplitMix64 random = new SplitMix64(SplitMix64.SEED);
    private long nextKey;

    ListCells(KeyedState keyed, int keys) throws Exception {
        this.keyed = keyed;
        this.keys = keys / 10;
        this.state = keyed.state(new ListStateDescriptor<>("lists", LongSerializer.INSTANCE));
        for (long key = 0; key < 2L * this.keys; key++) {
            keyed.backend().setCurrentKey(key);
            state.addAll(LIST);
        }
        this.nextKey = 2L * this.keys;
    }

    Cell cell(StateOperation operation) {
        return switch (operation) {
            case LIST_ADD -> ValueCells.checked(this::add);
            case LIST_APPEND -> ValueCells.checked(this::append);
            case LIST_GET -> ValueCells.checked(this::get);
            case LIST_GET_AND_ITERATE -> ValueCells.checked(this::getAndIterate);
            case LIST_UPDATE -> ValueCells.checked(this::update);
            case LIST_ADD_ALL -> ValueCells.checked(this::addAll);
            default -> throw new IllegalArgumentException(operation + " is no operation on list state");
        };
    }

    private void add(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            keyed.backend().setCurrentKey(nextKey++);
            state.add(1L);
        }
    }

    /** Adds to lists that the other operations do not use. */
    private void append(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            keyed.backend().setCurrentKey((long) keys + random.nextIndex(keys));
            state.add(1L);
        }
    }

    private void get(int rounds) throws Exception {
        long found = 0;
        for (int i = 0; i < rounds; i++) {
            keyed.backend().setCurrentKey((long) random.nextIndex(keys));
            found += state.get() == null ? 0 : 1;
        }
        WrongAnswerException.check("lists found", rounds, found);
    }

    private void getAndIterate(int rounds) throws Exception {
        long sum = 0;
        for (int i = 0; i < rounds; i++) {
            keyed.backend().setCurrentKey((long) random.nextIndex(keys));
            for (long element : state.get()) {
                sum += element;
            }
        }
        WrongAnswerException.check("sum of elements", rounds * SUM, sum);
    }

    private void update(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            keyed.backend().setCurrentKey((long) random.nextIndex(keys));
            state.update(LIST);
        }
    }

    private void addAll(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            keyed.backend().setCurrentKey(nextKey++);
            state.addAll(LIST);
        }
    }
}
