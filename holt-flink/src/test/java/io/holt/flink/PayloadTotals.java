package io.holt.flink;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * The job of {@link ControlledJob}: numbers, a payload of each in a map, their count in a value, and timers, all by
 * key. Some thousand numbers pass at once, so that there is state of some MiB; the others slowly, the last ones so
 * slowly that the job does not end before it may. What it has and gives is in static fields: there is one at a time.
 */
final class PayloadTotals extends KeyedProcessFunction<Long, Long, Void> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private static final int NUMBERS = 16_000;
    private static final int KEYS = 400;
    private static final int PAYLOAD_BYTES = 800;
    private static final long BUCKET = 100;

    /** Parts of the sequence of numbers, if it is read by two. */
    private static final int HALF = NUMBERS / 2;

    private static final int FAST = HALF / 4;
    private static final int SLOWEST_FROM = HALF / 10 * 9;
    private static final long SLOW_MILLIS = 2;
    private static final long SLOWEST_MILLIS = 100;

    private static final AtomicBoolean MAY_FINISH = new AtomicBoolean();
    private static final AtomicBoolean IS_TO_FAIL = new AtomicBoolean();
    private static final AtomicInteger RESTORED = new AtomicInteger();
    private static final AtomicLong PROCESSED = new AtomicLong();
    private static final Set<String> RESULTS = ConcurrentHashMap.newKeySet();

    private transient ValueState<Long> count;
    private transient MapState<Long, byte[]> payloads;
    private transient ValueState<Integer> bucketsEnded;

    static void reset() {
        MAY_FINISH.set(false);
        IS_TO_FAIL.set(false);
        RESTORED.set(0);
        PROCESSED.set(0);
        RESULTS.clear();
    }

    static void letFinish() {
        MAY_FINISH.set(true);
    }

    static boolean mayFinish() {
        return MAY_FINISH.get();
    }

    /** Has one task fail at its next record. */
    static void fail() {
        IS_TO_FAIL.set(true);
    }

    /** How many tasks began with restored state. */
    static int restored() {
        return RESTORED.get();
    }

    /** Records in all lives of all tasks. */
    static long processed() {
        return PROCESSED.get();
    }

    static Set<String> results() {
        return Set.copyOf(RESULTS);
    }

    static void define(StreamExecutionEnvironment environment) {
        WatermarkStrategy<Long> ascending =
                WatermarkStrategy.<Long>forMonotonousTimestamps().withTimestampAssigner((number, time) -> number);
        environment
                .fromSource(new NumberSequenceSource(0, NUMBERS - 1), ascending, "numbers")
                .uid("numbers")
                // Not where state is, for then checkpoints would wait behind all that has been read.
                .map(new Pace())
                .returns(Types.LONG)
                .uid("pace")
                .keyBy(number -> number % KEYS)
                .process(new PayloadTotals())
                .uid("totals")
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
    }

    /** What the job is to give, computed without Flink. */
    static Set<String> expected() {
        Set<String> expected = new HashSet<>();
        for (long key = 0; key < KEYS; key++) {
            Map<Long, byte[]> payloads = new TreeMap<>();
            Set<Long> buckets = new HashSet<>();
            for (long number = key; number < NUMBERS; number += KEYS) {
                payloads.put(number, payload(number));
                buckets.add(number / BUCKET);
            }
            expected.add(line(key, payloads.size(), payloads, buckets.size()));
        }
        return expected;
    }

    private static String line(long key, long count, Map<Long, byte[]> payloads, int bucketsEnded) {
        CRC32 digest = new CRC32();
        new TreeMap<>(payloads).forEach((number, payload) -> {
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
            digest.update(payload);
        });
        return key + ": " + count + " " + payloads.size() + " " + digest.getValue() + " " + bucketsEnded;
    }

    private static byte[] payload(long number) {
        byte[] payload = new byte[PAYLOAD_BYTES];
        new Random(number).nextBytes(payload);
        return payload;
    }

    /** Holds numbers back as long as the job may not finish. */
    private static final class Pace implements MapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public Long map(Long number) throws InterruptedException {
            if (!MAY_FINISH.get() && number % HALF >= FAST) {
                Thread.sleep(number % HALF < SLOWEST_FROM ? SLOW_MILLIS : SLOWEST_MILLIS);
            }
            return number;
        }
    }

    @Override
    public void open(OpenContext context) {
        count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
        payloads = getRuntimeContext().getMapState(new MapStateDescriptor<>("payloads", Long.class, byte[].class));
        bucketsEnded = getRuntimeContext().getState(new ValueStateDescriptor<>("buckets ended", Integer.class));
    }

    @Override
    public void processElement(Long number, Context context, Collector<Void> out) throws Exception {
        if (IS_TO_FAIL.compareAndSet(true, false)) {
            throw new IllegalStateException("a failure, on purpose");
        }
        Long counted = count.value();
        count.update(counted == null ? 1 : counted + 1);
        payloads.put(number, payload(number));
        context.timerService().registerEventTimeTimer((number / BUCKET + 1) * BUCKET - 1);
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
        PROCESSED.incrementAndGet();
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Void> out) throws Exception {
        if (time < Long.MAX_VALUE - 1) {
            Integer ended = bucketsEnded.value();
            bucketsEnded.update(ended == null ? 1 : ended + 1);
            return;
        }
        Map<Long, byte[]> all = new TreeMap<>();
        payloads.entries().forEach(entry -> all.put(entry.getKey(), entry.getValue()));
        Integer ended = bucketsEnded.value();
        RESULTS.add(line(context.getCurrentKey(), count.value(), all, ended == null ? 0 : ended));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        // All state is keyed state.
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        if (context.isRestored()) {
            RESTORED.incrementAndGet();
        }
    }
}
