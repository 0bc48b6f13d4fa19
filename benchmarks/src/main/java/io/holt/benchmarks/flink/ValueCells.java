package io.holt.benchmarks.flink;

import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.harness.Cell;
import io.holt.benchmarks.harness.WrongAnswerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;

/** Operations on value state: a number for each key, at first the key's own. */
final class ValueCells {

    private final KeyedState keyed;
    private final int keys;
    private final ValueState<Long> state;
    private final SplitMix64 random = new SplitMix64(SplitMix64.SEED);
    private long nextKey;

    ValueCells(KeyedState keyed, int keys) throws Exception {
        this.keyed = keyed;
        this.keys = keys;
        this.state = keyed.state(new ValueStateDescriptor<>("values", LongSerializer.INSTANCE));
        for (long key = 0; key < keys; key++) {
            keyed.backend().setCurrentKey(key);
            state.update(key);
        }
        this.nextKey = keys;
    }

    Cell cell(StateOperation operation) {
        return switch (operation) {
            case VALUE_GET -> checked(this::get);
            case VALUE_UPDATE -> checked(this::update);
            case VALUE_ADD -> checked(this::add);
            default -> throw new IllegalArgumentException(operation + " is no operation on value state");
        };
    }

    /** Rounds of an operation that may fail. */
    interface Rounds {
        void run(int rounds) throws Exception;
    }

    static Cell checked(Rounds operation) {
        return rounds -> {
            try {
                operation.run(rounds);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("the state can't be used", e);
            }
        };
    }

    private void get(int rounds) throws IOException {
        long difference = 0;
        for (int i = 0; i < rounds; i++) {
            long key = random.nextIndex(keys);
            keyed.backend().setCurrentKey(key);
            difference += state.value() - key;
        }
        WrongAnswerException.check("sum of differences", 0, difference);
    }

    private void update(int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            long key = random.nextIndex(keys);
            keyed.backend().setCurrentKey(key);
            state.update(key);
        }
    }

    private void add(int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            keyed.backend().setCurrentKey(nextKey);
            state.update(nextKey++);
        }
    }
}
