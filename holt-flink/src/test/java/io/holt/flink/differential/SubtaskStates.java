package io.holt.flink.differential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.typeutils.runtime.NullableSerializer;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.internal.InternalAggregatingState;
import org.apache.flink.runtime.state.internal.InternalKvState;
import org.apache.flink.runtime.state.internal.InternalListState;
import org.apache.flink.runtime.state.internal.InternalMapState;
import org.apache.flink.runtime.state.internal.InternalReducingState;
import org.apache.flink.runtime.state.internal.InternalValueState;
import org.apache.flink.streaming.api.operators.TimerHeapInternalTimer;
import org.apache.flink.streaming.api.operators.TimerSerializer;

/** One state of each kind, and timers, in the backend of one subtask. */
final class SubtaskStates<K, N> {

    static final long TTL_MILLIS = 1000;

    /** The states that do not expire: of the others it depends on the backend when a key is gone. */
    static final List<String> NAMES = List.of("value", "list", "map", "reducing", "aggregating");

    static final List<String> EXPIRING_NAMES = List.of("expiring value", "expiring list", "expiring map");

    private final CheckpointableKeyedStateBackend<K> backend;
    private final Setting<K, N> setting;
    final ValueStateDescriptor<String> valueDescriptor = new ValueStateDescriptor<>("value", StringSerializer.INSTANCE);
    final InternalValueState<K, N, String> value;
    final InternalListState<K, N, String> list;
    final InternalMapState<K, N, String, Integer> map;
    final InternalReducingState<K, N, Long> reducing;
    final InternalAggregatingState<K, N, Long, String, Integer> aggregating;
    final InternalValueState<K, N, String> expiringValue;
    final InternalListState<K, N, String> expiringList;
    final InternalMapState<K, N, String, Integer> expiringMap;
    final MapStateDescriptor<String, Integer> expiringMapDescriptor = expiring(
            new MapStateDescriptor<>("expiring map", StringSerializer.INSTANCE, IntSerializer.INSTANCE),
            builder -> builder.cleanupIncrementally(3, true));
    final KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<K, N>> timers;
    private final SubtaskTimers<K, N> serviceTimers;

    SubtaskStates(CheckpointableKeyedStateBackend<K> backend, Setting<K, N> setting) throws Exception {
        this.backend = backend;
        this.setting = setting;
        this.value = state(valueDescriptor);
        this.list = state(new ListStateDescriptor<>("list", StringSerializer.INSTANCE));
        // Flink's heap backend can take a savepoint of null in a map only if the serializer can write null.
        this.map = state(new MapStateDescriptor<>(
                "map", StringSerializer.INSTANCE, NullableSerializer.wrap(IntSerializer.INSTANCE, false)));
        this.reducing = state(new ReducingStateDescriptor<>("reducing", Long::sum, LongSerializer.INSTANCE));
        this.aggregating =
                state(new AggregatingStateDescriptor<>("aggregating", new SortedDigits(), StringSerializer.INSTANCE));
        this.expiringValue = state(expiring(
                new ValueStateDescriptor<>("expiring value", StringSerializer.INSTANCE),
                builder -> builder.disableCleanupInBackground().cleanupFullSnapshot()));
        // The one way of clean-up that is the backend's own.
        this.expiringList = state(expiring(
                new ListStateDescriptor<>("expiring list", StringSerializer.INSTANCE),
                builder -> builder.cleanupInRocksdbCompactFilter(1)));
        this.expiringMap = state(expiringMapDescriptor);
        this.timers =
                backend.create("timers", new TimerSerializer<>(setting.keySerializer(), setting.namespaceSerializer()));
        this.serviceTimers = new SubtaskTimers<>(backend, setting, reducing);
    }

    private static <D extends StateDescriptor<?, ?>> D expiring(
            D descriptor, UnaryOperator<StateTtlConfig.Builder> cleanUp) {
        descriptor.enableTimeToLive(cleanUp.apply(StateTtlConfig.newBuilder(Duration.ofMillis(TTL_MILLIS)))
                .build());
        return descriptor;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private <S extends State, I extends InternalKvState<K, N, ?>> I state(StateDescriptor<S, ?> descriptor)
            throws Exception {
        return (I) (State) backend.getOrCreateKeyedState(setting.namespaceSerializer(), descriptor);
    }

    CheckpointableKeyedStateBackend<K> backend() {
        return backend;
    }

    SubtaskTimers<K, N> serviceTimers() {
        return serviceTimers;
    }

    /** All the states; those of {@link #NAMES} first. */
    List<InternalKvState<K, N, ?>> states() {
        return List.of(value, list, map, reducing, aggregating, expiringValue, expiringList, expiringMap);
    }

    /** What the states hold for the current key and a namespace. */
    List<Object> contents(N namespace) throws Exception {
        states().forEach(state -> state.setCurrentNamespace(namespace));
        List<Object> contents = new ArrayList<>();
        contents.add(value.value());
        contents.add(copy(list.get()));
        contents.add(contents(map));
        contents.add(reducing.get());
        contents.add(aggregating.get());
        contents.add(expiringContents());
        return contents;
    }

    /** What has not expired of one of {@link #EXPIRING_NAMES}; empty if there is nothing. */
    String live(String state, N namespace) throws Exception {
        states().forEach(any -> any.setCurrentNamespace(namespace));
        Object contents = switch (state) {
            case "expiring value" -> expiringValue.value();
            case "expiring list" -> copy(expiringList.get());
            default -> contents(expiringMap);
        };
        String described = String.valueOf(contents);
        return List.of("null", "[]", "{}").contains(described) ? "" : described;
    }

    /** What has not expired. */
    List<Object> expiringContents() throws Exception {
        return List.of(String.valueOf(expiringValue.value()), copy(expiringList.get()), contents(expiringMap));
    }

    Map<String, Integer> contents(InternalMapState<K, N, String, Integer> map) throws Exception {
        Map<String, Integer> contents = new TreeMap<>();
        map.entries().forEach(entry -> contents.put(entry.getKey(), entry.getValue()));
        return contents;
    }

    /** So many entries whose keys begin alike. */
    static Map<String, Integer> numbered(String prefix, int count) {
        Map<String, Integer> entries = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            entries.put(prefix + i, i);
        }
        return entries;
    }

    static <T> List<T> copy(Iterable<T> elements) {
        List<T> copy = new ArrayList<>();
        if (elements != null) {
            elements.forEach(copy::add);
        }
        return copy;
    }

    /** Keeps the last digits added, sorted, so that the order of merging does not show. */
    private static final class SortedDigits implements AggregateFunction<Long, String, Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public String createAccumulator() {
            return "";
        }

        @Override
        public String add(Long added, String accumulator) {
            return merge(accumulator, String.valueOf(Math.floorMod(added, 10)));
        }

        @Override
        public Integer getResult(String accumulator) {
            return accumulator.hashCode();
        }

        @Override
        public String merge(String left, String right) {
            char[] digits = (left + right).toCharArray();
            Arrays.sort(digits);
            return new String(digits);
        }
    }
}
