package io.holt.examples.flink;

import io.holt.examples.fs.DirectoryState;
import io.holt.examples.fs.EventKind;
import io.holt.examples.fs.ExpiredDirectory;
import io.holt.examples.fs.FileSystemEvent;
import io.holt.examples.fs.ListingDigest;
import io.holt.examples.fs.Rules;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.AggregatingState;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps each directory's files, totals and history, lists it now and then, forgets it when it has been idle,
 * and reports what it knows at the end of the events.
 *
 * <p>When exactly a timer fires depends on when a watermark comes by, the result must not: an event that comes after a
 * directory's deadline but before the timer does the timer's work first. So a directory is forgotten at its deadline
 * unless an event with an earlier timestamp comes, whatever the watermarks do.
 */
final class DirectoryFunction extends KeyedProcessFunction<String, FileSystemEvent, Outcome> {

    private static final long serialVersionUID = 1L;

    private final String run;
    private final Rules rules;
    private final long reportMillis;

    private transient RunScope scope;
    private transient boolean finished;
    private transient MapState<String, Long> sizes;
    private transient AggregatingState<DirectoryTotals, DirectoryTotals> totals;
    private transient ValueState<DirectoryClock> clock;

    /** Reports at that event time, after which no event comes. */
    DirectoryFunction(String run, Rules rules, long reportMillis) {
        this.run = run;
        this.rules = rules;
        this.reportMillis = reportMillis;
    }

    @Override
    public void open(OpenContext context) {
        scope = RunScope.of(run);
        sizes = getRuntimeContext().getMapState(new MapStateDescriptor<>("sizes", Types.STRING, Types.LONG));
        totals = getRuntimeContext()
                .getAggregatingState(new AggregatingStateDescriptor<>(
                        "totals", new DirectoryTotals.Sum(), Types.POJO(DirectoryTotals.class)));
        clock = getRuntimeContext().getState(new ValueStateDescriptor<>("clock", Types.POJO(DirectoryClock.class)));
        scope.probe().ready();
    }

    @Override
    public void processElement(FileSystemEvent event, Context context, Collector<Outcome> out) throws Exception {
        dieIfDue(event);
        DirectoryClock now = clock.value();
        if (now != null && event.timestampMillis() >= deadline(now)) {
            context.timerService().deleteEventTimeTimer(now.timerMillis());
            forget(event.directory(), now, context.timerService(), out);
            now = null;
        }
        if (now == null) {
            now = DirectoryClock.startingWithTimer(event.timestampMillis() + rules.idleMillis());
            context.timerService().registerEventTimeTimer(now.timerMillis());
            context.timerService().registerEventTimeTimer(reportMillis);
        }
        apply(event);
        now = now.event(event.timestampMillis());
        if (now.events() % rules.listEvery() == 0) {
            now = now.listing(list());
        }
        clock.update(now);
    }

    private void dieIfDue(FileSystemEvent event) {
        if (scope.kills().isDue(event.sequence())) {
            scope.probe().killed(event.sequence());
            throw new TaskKilledException(scope.kills().kills(), event.sequence());
        }
    }

    private void apply(FileSystemEvent event) throws Exception {
        Long before = sizes.get(event.path());
        long bytesBefore = before == null ? 0 : before;
        if (event.kind() != EventKind.DELETE) {
            sizes.put(event.path(), event.size());
            totals.add(new DirectoryTotals(before == null ? 1 : 0, event.size() - bytesBefore));
        } else if (before != null) {
            sizes.remove(event.path());
            totals.add(new DirectoryTotals(-1, -bytesBefore));
        }
    }

    private long list() throws Exception {
        long sum = 0;
        for (Map.Entry<String, Long> file : sizes.entries()) {
            sum += ListingDigest.entry(file.getKey(), file.getValue());
        }
        return sum;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Outcome> out) throws Exception {
        if (timestamp == reportMillis && !finished) {
            finished = true;
            scope.probe().finished();
        }
        DirectoryClock now = clock.value();
        if (now == null || timestamp > reportMillis) {
            return;
        }
        if (timestamp == reportMillis) {
            out.collect(Outcome.of(state(context.getCurrentKey(), now)));
        } else if (timestamp >= deadline(now)) {
            forget(context.getCurrentKey(), now, context.timerService(), out);
        } else {
            context.timerService().registerEventTimeTimer(deadline(now));
            clock.update(now.timer(deadline(now)));
        }
    }

    private long deadline(DirectoryClock now) {
        return now.lastEventMillis() + rules.idleMillis();
    }

    private void forget(String directory, DirectoryClock now, TimerService timers, Collector<Outcome> out)
            throws Exception {
        out.collect(Outcome.of(new ExpiredDirectory(state(directory, now), deadline(now))));
        sizes.clear();
        totals.clear();
        clock.clear();
        timers.deleteEventTimeTimer(reportMillis);
    }

    private DirectoryState state(String directory, DirectoryClock now) throws Exception {
        DirectoryTotals sum = totals.get();
        if (sum == null) {
            sum = DirectoryTotals.ZERO;
        }
        return new DirectoryState(
                directory, sum.files(), sum.bytes(), now.events(), now.lastEventMillis(), now.listingDigest());
    }
}
