package io.holt.flink.differential;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.internal.InternalReducingState;
import org.apache.flink.streaming.api.operators.InternalTimeServiceManager;
import org.apache.flink.streaming.api.operators.InternalTimeServiceManagerImpl;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.KeyContext;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.tasks.StreamTaskCancellationContext;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;

/** Flink's timer service over the backend of one subtask; timers that fire change a state and set other timers. */
final class SubtaskTimers<K, N> implements Triggerable<K, N> {

    private static final int CHAIN_MILLIS = 50;

    private final CheckpointableKeyedStateBackend<K> backend;
    private final InternalReducingState<K, N, Long> changed;
    private final TestProcessingTimeService clock = new TestProcessingTimeService();
    private final InternalTimeServiceManager<K> manager;
    private final InternalTimerService<N> service;
    private List<String> fired = new ArrayList<>();

    /** @param changed the state that a timer adds its time to */
    SubtaskTimers(
            CheckpointableKeyedStateBackend<K> backend,
            Setting<K, N> setting,
            InternalReducingState<K, N, Long> changed)
            throws Exception {
        this.backend = backend;
        this.changed = changed;
        this.manager = InternalTimeServiceManagerImpl.create(
                UnregisteredMetricGroups.createUnregisteredTaskMetricGroup().getIOMetricGroup(),
                backend,
                backend.getKeyGroupRange(),
                getClass().getClassLoader(),
                new CurrentKey(),
                clock,
                List.of(),
                StreamTaskCancellationContext.alwaysRunning());
        this.service = manager.getInternalTimerService(
                "service", setting.keySerializer(), setting.namespaceSerializer(), this);
    }

    private final class CurrentKey implements KeyContext {
        @Override
        @SuppressWarnings("unchecked")
        public void setCurrentKey(Object key) {
            backend.setCurrentKey((K) key);
        }

        @Override
        public Object getCurrentKey() {
            return backend.getCurrentKey();
        }
    }

    InternalTimerService<N> service() {
        return service;
    }

    /** Timers of event time and of processing time. */
    List<Integer> counts() {
        InternalTimeServiceManagerImpl<K> counting = (InternalTimeServiceManagerImpl<K>) manager;
        return List.of(counting.numEventTimeTimers(), counting.numProcessingTimeTimers());
    }

    /** Answers which timers fired. */
    List<String> advanceWatermark(long until) throws Exception {
        manager.advanceWatermark(new Watermark(until));
        return takeFired();
    }

    /** Answers which timers fired. */
    List<String> advanceProcessingTime(long now) throws Exception {
        clock.setCurrentTime(now);
        return takeFired();
    }

    private List<String> takeFired() {
        List<String> taken = fired;
        fired = new ArrayList<>();
        return taken;
    }

    List<String> all() throws Exception {
        List<String> all = new ArrayList<>();
        service.forEachEventTimeTimer(
                (namespace, time) -> all.add("event " + time + "|" + backend.getCurrentKey() + "|" + namespace));
        service.forEachProcessingTimeTimer(
                (namespace, time) -> all.add("processing " + time + "|" + backend.getCurrentKey() + "|" + namespace));
        return all;
    }

    @Override
    public void onEventTime(InternalTimer<K, N> timer) throws Exception {
        fired("event", timer);
        if (timer.getTimestamp() % 3 == 0) {
            service.registerEventTimeTimer(timer.getNamespace(), timer.getTimestamp() + CHAIN_MILLIS);
        }
    }

    @Override
    public void onProcessingTime(InternalTimer<K, N> timer) throws Exception {
        fired("processing", timer);
        if (timer.getTimestamp() % 3 == 0) {
            service.registerProcessingTimeTimer(timer.getNamespace(), timer.getTimestamp() + CHAIN_MILLIS);
        }
    }

    private void fired(String domain, InternalTimer<K, N> timer) throws Exception {
        fired.add(domain + " " + timer.getTimestamp() + "|" + timer.getKey() + "|" + timer.getNamespace() + "|"
                + timer.getKey().equals(backend.getCurrentKey()));
        changed.setCurrentNamespace(timer.getNamespace());
        changed.add(timer.getTimestamp());
    }
}
