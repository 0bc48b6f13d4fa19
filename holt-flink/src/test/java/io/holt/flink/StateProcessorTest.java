package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.OperatorTransformation;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.SavepointWriter;
import org.apache.flink.state.api.functions.KeyedStateBootstrapFunction;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Flink's state processor API reads savepoints that Holt has taken, and writes such as jobs start from. Where its task
 * fails it waits for ever, hence the limit.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("try") // What is closed may be interrupted.
class StateProcessorTest {

    private static final int KEYS = 300;
    private static final int MAX_PARALLELISM = 10;
    private static final long FAR = Long.MAX_VALUE - 1;
    private static final OperatorIdentifier OPERATOR = OperatorIdentifier.forUid("numbers by key");

    /** The job processes numbers from 0 on; it goes on with this one. */
    private static final AtomicLong NEXT = new AtomicLong();

    /** Numbers that were kept by jobs: all their tasks run if there are some. */
    private static final AtomicLong PROCESSED = new AtomicLong();

    @TempDir
    Path directory;

    @BeforeEach
    void start() {
        NEXT.set(0);
    }

    private static Configuration options() {
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, TestStateBackendFactory.class.getName());
        options.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
        return options;
    }

    private String target(String name) {
        return directory.resolve(name).toUri().toString();
    }

    /** What is kept of numbers, by their remainder. */
    private static final class Kept {
        final ValueState<Long> count;
        final MapState<Long, Long> byDigit;
        final ListState<Long> all;

        Kept(RuntimeContext context) {
            count = context.getState(new ValueStateDescriptor<>("count", Types.LONG));
            byDigit = context.getMapState(new MapStateDescriptor<>("digits", Types.LONG, Types.LONG));
            all = context.getListState(new ListStateDescriptor<>("all", Types.LONG));
        }

        void add(long number) throws Exception {
            Long before = count.value();
            count.update(before == null ? 1 : before + 1);
            Long ofDigit = byDigit.get(number % 10);
            byDigit.put(number % 10, ofDigit == null ? 1 : ofDigit + 1);
            all.add(number);
        }

        String describe(long key) throws Exception {
            Map<Long, Long> digits = new TreeMap<>();
            byDigit.entries().forEach(entry -> digits.put(entry.getKey(), entry.getValue()));
            List<Long> numbers = new ArrayList<>();
            all.get().forEach(numbers::add);
            numbers.sort(null);
            return key + ": " + count.value() + " " + digits + " " + numbers;
        }
    }

    /** What has to be kept of the numbers below {@code end}, computed without Flink. */
    private static List<String> expected(long end) {
        List<String> described = new ArrayList<>();
        for (long key = 0; key < KEYS; key++) {
            Map<Long, Long> digits = new TreeMap<>();
            List<Long> numbers = new ArrayList<>();
            for (long number = key; number < end; number += KEYS) {
                digits.merge(number % 10, 1L, Long::sum);
                numbers.add(number);
            }
            described.add(key + ": " + numbers.size() + " " + digits + " " + numbers);
        }
        described.sort(null);
        return described;
    }

    /** Keeps numbers in a job. */
    private static final class Keep extends KeyedProcessFunction<Long, Long, String> {
        private static final long serialVersionUID = 1L;

        private transient Kept kept;

        @Override
        public void open(OpenContext context) {
            kept = new Kept(getRuntimeContext());
        }

        @Override
        public void processElement(
                Long number, KeyedProcessFunction<Long, Long, String>.Context context, Collector<String> out)
                throws Exception {
            kept.add(number);
            PROCESSED.incrementAndGet();
            context.timerService().registerEventTimeTimer(FAR - number % KEYS);
        }
    }

    /** Keeps numbers in a savepoint that is written. */
    private static final class Bootstrap extends KeyedStateBootstrapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        private transient Kept kept;

        @Override
        public void open(OpenContext context) {
            kept = new Kept(getRuntimeContext());
        }

        @Override
        public void processElement(Long number, KeyedStateBootstrapFunction<Long, Long>.Context context)
                throws Exception {
            kept.add(number);
            context.timerService().registerEventTimeTimer(FAR - number % KEYS);
        }
    }

    /** Describes what a savepoint keeps, and checks its timers. */
    private static final class Read extends KeyedStateReaderFunction<Long, String> {
        private static final long serialVersionUID = 1L;

        private transient Kept kept;

        @Override
        public void open(OpenContext context) {
            kept = new Kept(getRuntimeContext());
        }

        @Override
        public void readKey(Long key, KeyedStateReaderFunction.Context context, Collector<String> out)
                throws Exception {
            assertThat(context.registeredEventTimeTimers()).isEqualTo(new TreeSet<>(List.of(FAR - key)));
            out.collect(kept.describe(key));
        }
    }

    private static List<String> read(String savepoint, StateBackend backend) throws Exception {
        List<String> described = new ArrayList<>();
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, options());
                CloseableIterator<String> all = SavepointReader.read(environment, savepoint, backend)
                        .readKeyedState(OPERATOR, new Read(), Types.LONG, Types.STRING)
                        .executeAndCollect()) {
            all.forEachRemaining(described::add);
        }
        described.sort(null);
        return described;
    }

    /** Runs a job from a savepoint, or from nothing, until it has seen so many more numbers. */
    private String runFor(long numbers, String from, Configuration options, SavepointFormatType format)
            throws Exception {
        if (from != null) {
            options.set(StateRecoveryOptions.SAVEPOINT_PATH, from);
            options.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);
        }
        long begin = NEXT.get();
        PROCESSED.set(0);
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, options)) {
            environment.setMaxParallelism(MAX_PARALLELISM);
            environment
                    .fromSource(
                            new NumberSequenceSource(begin, Long.MAX_VALUE - 1),
                            WatermarkStrategy.noWatermarks(),
                            "numbers")
                    .uid("from " + begin)
                    .map(number -> {
                        LockSupport.parkNanos(number % 100 == 0 ? 5_000_000 : 0);
                        NEXT.set(number + 1);
                        return number;
                    })
                    .returns(Types.LONG)
                    .keyBy(number -> number % KEYS)
                    .process(new Keep())
                    .uid(OPERATOR.getUid().orElseThrow())
                    .sinkTo(new DiscardingSink<>());
            JobClient client = environment.executeAsync();
            while (PROCESSED.get() < numbers) {
                assertThat(client.getJobStatus().get().isGloballyTerminalState())
                        .as("the job has ended")
                        .isFalse();
                Thread.sleep(10);
            }
            return client.stopWithSavepoint(false, target("stopped"), format).get();
        }
    }

    @ParameterizedTest
    @EnumSource(SavepointFormatType.class)
    void readsWhatAJobKept(SavepointFormatType format) throws Exception {
        String savepoint = runFor(3000, null, options(), format);
        assertThat(read(savepoint, TestDatabases.backend())).isEqualTo(expected(NEXT.get()));
    }

    private String write(long end) throws Exception {
        String savepoint = target("written");
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, options())) {
            SavepointWriter.newSavepoint(environment, TestDatabases.backend(), MAX_PARALLELISM)
                    .withOperator(
                            OPERATOR,
                            OperatorTransformation.bootstrapWith(environment.fromSequence(0, end - 1))
                                    .keyBy(number -> number % KEYS, Types.LONG)
                                    .transform(new Bootstrap()))
                    .write(savepoint);
            environment.execute();
        }
        return savepoint;
    }

    @Test
    void writesWhatCanBeRead() throws Exception {
        String written = write(5000);
        assertThat(read(written, TestDatabases.backend())).isEqualTo(expected(5000));
        assertThat(read(written, new HashMapStateBackend())).isEqualTo(expected(5000));
    }

    @Test
    void aJobGoesOnFromWhatIsWritten() throws Exception {
        String written = write(2000);
        NEXT.set(2000);
        String stopped = runFor(1000, written, options(), SavepointFormatType.NATIVE);
        assertThat(read(stopped, TestDatabases.backend())).isEqualTo(expected(NEXT.get()));
    }
}
