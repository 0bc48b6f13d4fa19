package io.holt.benchmarks.flink;

import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.harness.Cell;
import io.holt.benchmarks.harness.WrongAnswerException;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.DoubleSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.VoidNamespace;

/** Operations on map state: 10 entries for each key, the value being the map key. */
final class MapCells {

    private static final int ENTRIES = 10;
    private static final String NAME = "maps";

    private final KeyedState keyed;
    private final int keys;
    private final MapState<Long, Double> state;
    private final SplitMix64 random = new SplitMix64(SplitMix64.SEED);
    private long nextKey;

    MapCells(KeyedState keyed, int keys) throws Exception {
        this.keyed = keyed;
        this.keys = keys;
        this.state = keyed.state(new MapStateDescriptor<>(NAME, LongSerializer.INSTANCE, DoubleSerializer.INSTANCE));
        for (long key = 0; key < keys; key++) {
            keyed.backend().setCurrentKey(key);
            for (long entry = 0; entry < ENTRIES; entry++) {
                state.put(entry, (double) entry);
            }
        }
        this.nextKey = keys;
    }

    Cell cell(StateOperation operation) {
        return switch (operation) {
            case MAP_GET -> ValueCells.checked(this::get);
            case MAP_CONTAINS -> ValueCells.checked(this::contains);
            case MAP_UPDATE -> ValueCells.checked(this::update);
            case MAP_ADD -> ValueCells.checked(this::add);
            case MAP_REMOVE -> new Remove();
            case MAP_ITERATE -> walk(() -> entries(state.iterator()));
            case MAP_ENTRIES -> walk(() -> entries(state.entries().iterator()));
            case MAP_KEYS -> walk(this::mapKeys);
            case MAP_VALUES -> walk(this::mapValues);
            case GET_KEYS -> new GetKeys();
            default -> throw new IllegalArgumentException(operation + " is no operation on map state");
        };
    }

    private void useAnyKey() {
        keyed.backend().setCurrentKey((long) random.nextIndex(keys));
    }

    private void get(int rounds) throws Exception {
        double difference = 0;
        for (int i = 0; i < rounds; i++) {
            useAnyKey();
            long entry = i % ENTRIES;
            difference += state.get(entry) - entry;
        }
        WrongAnswerException.check("sum of differences", 0, (long) difference);
    }

    private void contains(int rounds) throws Exception {
        long there = 0;
        for (int i = 0; i < rounds; i++) {
            useAnyKey();
            there += state.contains((long) (i % (2 * ENTRIES))) ? 1 : 0;
        }
        long expected = (long) (rounds / (2 * ENTRIES)) * ENTRIES + Math.min(ENTRIES, rounds % (2 * ENTRIES));
        WrongAnswerException.check("entries that are there", expected, there);
    }

    private void update(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            useAnyKey();
            long entry = i % ENTRIES;
            state.put(entry, (double) entry);
        }
    }

    private void add(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            keyed.backend().setCurrentKey(nextKey++);
            state.put(0L, 0.0);
        }
    }

    /** Walks over one map and answers the sum of what it holds. */
    private interface Walk {
        double sum() throws Exception;
    }

    private Cell walk(Walk walk) {
        Cell rounds = ValueCells.checked(count -> {
            double sum = 0;
            for (int i = 0; i < count; i++) {
                useAnyKey();
                sum += walk.sum();
            }
            double sumOfMap = ENTRIES * (ENTRIES - 1) / 2.0;
            WrongAnswerException.check("sum of entries", Math.round(count * sumOfMap), Math.round(sum));
        });
        return new Cell() {
            @Override
            public void run(int count) {
                rounds.run(count);
            }

            @Override
            public int operationsPerRound() {
                return ENTRIES;
            }
        };
    }

    private static double entries(Iterator<Map.Entry<Long, Double>> entries) {
        double sum = 0;
        while (entries.hasNext()) {
            Map.Entry<Long, Double> entry = entries.next();
            sum += (entry.getKey() + entry.getValue()) / 2;
        }
        return sum;
    }

    private double mapKeys() throws Exception {
        double sum = 0;
        for (long key : state.keys()) {
            sum += key;
        }
        return sum;
    }

    private double mapValues() throws Exception {
        double sum = 0;
        for (double value : state.values()) {
            sum += value;
        }
        return sum;
    }

    /** Removes one entry each of ascending keys; they are put again while nothing is timed. */
    private final class Remove implements Cell {
        private long from;
        private long end;

        @Override
        public void prepare() {
            ValueCells.checked(ignored -> {
                        for (; from < end; from++) {
                            keyed.backend().setCurrentKey(from % keys);
                            state.put(from % ENTRIES, (double) (from % ENTRIES));
                        }
                    })
                    .run(1);
        }

        @Override
        public void run(int rounds) {
            ValueCells.checked(count -> {
                        for (int i = 0; i < count; i++, end++) {
                            keyed.backend().setCurrentKey(end % keys);
                            state.remove(end % ENTRIES);
                        }
                    })
                    .run(rounds);
        }

        @Override
        public void close() {
            prepare();
        }
    }

    private final class GetKeys implements Cell {
        @Override
        public void run(int rounds) {
            for (int i = 0; i < rounds; i++) {
                try (Stream<Long> all = keyed.backend().getKeys(NAME, VoidNamespace.INSTANCE)) {
                    // RocksDB's backend may give a key again, one after the other.
                    long count = 0;
                    long last = -1;
                    for (Iterator<Long> each = all.iterator(); each.hasNext(); ) {
                        long key = each.next();
                        count += key == last ? 0 : 1;
                        last = key;
                    }
                    WrongAnswerException.check("keys", Math.max(keys, nextKey), count);
                }
            }
        }

        @Override
        public int operationsPerRound() {
            return (int) Math.max(keys, nextKey);
        }
    }
}
