package io.holt.examples.flink;

import io.holt.examples.fs.EventKind;
import io.holt.examples.fs.FileSystemEvent;
import io.holt.examples.fs.FileVersion;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Keeps the newest version of each file and reports it at the end of the events, if the file exists then. */
final class FileFunction extends KeyedProcessFunction<String, FileSystemEvent, Outcome> {

    private static final long serialVersionUID = 1L;

    private final String run;
    private final long reportMillis;

    private transient RunScope scope;
    private transient boolean finished;
    private transient ValueState<Version> version;

    /** Reports at that event time, after which no event comes. */
    FileFunction(String run, long reportMillis) {
        this.run = run;
        this.reportMillis = reportMillis;
    }

    @Override
    public void open(OpenContext context) {
        scope = RunScope.of(run);
        version = getRuntimeContext().getState(new ValueStateDescriptor<>("version", Types.POJO(Version.class)));
        scope.probe().ready();
    }

    @Override
    public void processElement(FileSystemEvent event, Context context, Collector<Outcome> out) throws Exception {
        if (event.kind() == EventKind.DELETE) {
            version.clear();
            context.timerService().deleteEventTimeTimer(reportMillis);
            return;
        }
        Version before = event.kind() == EventKind.CREATE ? null : version.value();
        if (before == null) {
            context.timerService().registerEventTimeTimer(reportMillis);
        }
        long number = before == null ? 1 : before.number() + 1;
        version.update(new Version(number, event.size(), event.timestampMillis()));
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Outcome> out) throws Exception {
        if (!finished) {
            finished = true;
            scope.probe().finished();
        }
        Version last = version.value();
        out.collect(Outcome.of(
                new FileVersion(context.getCurrentKey(), last.number(), last.size(), last.timestampMillis())));
    }

    /**
     * What is kept of a file. Immutable.
     *
     * @param number 1 when created, one more with each resize
     * @param size bytes
     * @param timestampMillis event time
     */
    public record Version(long number, long size, long timestampMillis) {}
}
