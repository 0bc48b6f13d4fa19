package io.holt.it.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
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
 * A job over the files of the JDK's runtime image: each event is of one file, whose state counts its events in a value,
 * by kind in a map, and keeps some of them in a list; timers count too. When the input ends, each file's state is
 * written out. It goes slowly, and ever more so, until a file appears that lets it go.
 */
final class CountingJob {

    static final String RESULTS = "results";
    static final String GO = "go";

    /** The name of the operator that keeps state. */
    static final String OPERATOR = "count";

    static final int KINDS = 4;
    static final int LISTED_EACH = 5;

    /** The source's splits, made when the job first starts: so many, of equal length. */
    static final int SPLITS = 2;

    /** At least so long does a checkpoint take, by a task behind the one with state. */
    static final int CHECKPOINT_MILLIS = 150;

    /** At least so long does a task with state take to begin again. */
    static final int RESTORE_MILLIS = 150;

    private static final int PACE = 40;
    private static final long PACE_NANOS = 20_000_000;

    /** Of a split; then it goes by single events, so that it never ends before it may. */
    private static final double SLOW_FROM = 0.9;

    private CountingJob() {}

    /** Paths of the runtime image, in order. */
    static List<String> files(int most) throws IOException {
        Path root = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("modules", "java.base");
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.map(Path::toString).sorted().limit(most).toList();
        }
    }

    /** The index of the file that an event is of. */
    static int fileOf(long event, int files) {
        return (int) Long.remainderUnsigned((event * 0x9E3779B97F4A7C15L) >>> 1, files);
    }

    /** Adds the job to an environment. */
    static void define(StreamExecutionEnvironment environment, Path shared, long events, List<String> files) {
        ArrayList<String> names = new ArrayList<>(files);
        environment
                .fromSource(
                        new NumberSequenceSource(0, events - 1),
                        WatermarkStrategy.<Long>forMonotonousTimestamps()
                                .withTimestampAssigner((event, ignored) -> event),
                        "events")
                .uid("events")
                .map(new Pace(shared.toString(), events / SPLITS))
                .returns(Types.LONG)
                .uid("pace")
                .keyBy(event -> names.get(fileOf(event, names.size())), Types.STRING)
                .process(new Count(shared.toString()))
                .name(OPERATOR)
                .uid("count")
                .map(new Linger())
                .returns(Types.STRING)
                .uid("linger")
                // In a task of its own, so that state is written meanwhile.
                .startNewChain()
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
    }

    /** Holds events back until the file is there that lets them go. */
    private static final class Pace extends RichMapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        private final String shared;
        private final long eventsOfSplit;
        private transient int sinceStop;
        private transient boolean free;

        Pace(String shared, long eventsOfSplit) {
            this.shared = shared;
            this.eventsOfSplit = eventsOfSplit;
        }

        @Override
        public Long map(Long event) {
            boolean isSlow = event % eventsOfSplit > SLOW_FROM * eventsOfSplit;
            if (!free && ++sinceStop >= (isSlow ? 1 : PACE)) {
                sinceStop = 0;
                LockSupport.parkNanos(PACE_NANOS);
                free = Files.exists(Path.of(shared, GO));
            }
            return event;
        }
    }

    /** Takes its time over checkpoints, so that there is some in which a process can be killed. */
    private static final class Linger implements MapFunction<String, String>, CheckpointedFunction {
        private static final long serialVersionUID = 1L;

        @Override
        public String map(String line) {
            return line;
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws InterruptedException {
            Thread.sleep(CHECKPOINT_MILLIS);
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {
            // It has none.
        }
    }

    private static final class Count extends KeyedProcessFunction<String, Long, String>
            implements CheckpointedFunction {
        private static final long serialVersionUID = 1L;

        private final String shared;
        private transient ValueState<Long> count;
        private transient ValueState<Long> timers;
        private transient MapState<Long, Long> byKind;
        private transient ListState<Long> listed;

        Count(String shared) {
            this.shared = shared;
        }

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
            timers = getRuntimeContext().getState(new ValueStateDescriptor<>("timers", Types.LONG));
            byKind = getRuntimeContext().getMapState(new MapStateDescriptor<>("kinds", Types.LONG, Types.LONG));
            listed = getRuntimeContext().getListState(new ListStateDescriptor<>("listed", Types.LONG));
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws InterruptedException {
            if (context.isRestored()) {
                // As in Linger. The backend is there, and reads what it needs in the background.
                Thread.sleep(RESTORE_MILLIS);
            }
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) {
            // All state is keyed state.
        }

        @Override
        public void processElement(Long event, Context context, Collector<String> out) throws Exception {
            Long counted = count.value();
            count.update(counted == null ? 1 : counted + 1);
            Long ofKind = byKind.get(event % KINDS);
            byKind.put(event % KINDS, ofKind == null ? 1 : ofKind + 1);
            if (event % LISTED_EACH == 0) {
                listed.add(event);
            }
            context.timerService().registerEventTimeTimer(event + 1);
            context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
        }

        @Override
        public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
            if (time < Long.MAX_VALUE - 1) {
                Long fired = timers.value();
                timers.update(fired == null ? 1 : fired + 1);
                return;
            }
            TreeMap<Long, Long> kinds = new TreeMap<>();
            byKind.entries().forEach(entry -> kinds.put(entry.getKey(), entry.getValue()));
            List<Long> list = new ArrayList<>();
            listed.get().forEach(list::add);
            list.sort(null);
            write(context.getCurrentKey() + " " + count.value() + " " + kinds + " " + list + " " + timers.value());
        }

        /** A task that fails while the input ends writes the same lines again. */
        private void write(String line) {
            try {
                Files.write(
                        Path.of(
                                shared,
                                RESULTS,
                                "subtask-" + getRuntimeContext().getTaskInfo().getIndexOfThisSubtask()),
                        List.of(line),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
