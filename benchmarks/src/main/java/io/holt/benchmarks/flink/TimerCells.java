package io.holt.benchmarks.flink;

import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.harness.Cell;
import io.holt.benchmarks.harness.WrongAnswerException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.TimerHeapInternalTimer;
import org.apache.flink.streaming.api.operators.TimerSerializer;

/** Operations on timers, of which each key has one at first, at a random time. */
final class TimerCells {

    private final int keys;
    private final KeyGroupedInternalPriorityQueue<TimerHeapInternalTimer<Long, VoidNamespace>> timers;
    private final SplitMix64 random = new SplitMix64(SplitMix64.SEED);

    /** Timers that may be deleted, in a random order. */
    private final Deque<TimerHeapInternalTimer<Long, VoidNamespace>> registered = new ArrayDeque<>();

    /** Timers that are registered again before the next repetition. */
    private final List<TimerHeapInternalTimer<Long, VoidNamespace>> polled = new ArrayList<>();

    TimerCells(KeyedState keyed, int keys) {
        this.keys = keys;
        this.timers = keyed.backend()
                .create("timers", new TimerSerializer<>(LongSerializer.INSTANCE, VoidNamespaceSerializer.INSTANCE));
        register(keys);
    }

    Cell cell(StateOperation operation) {
        return switch (operation) {
            case TIMER_REGISTER -> new OfSize(this::register);
            case TIMER_DELETE -> new OfSize(this::delete);
            case TIMER_POLL -> new OfSize(this::poll);
            default -> throw new IllegalArgumentException(operation + " is no operation on timers");
        };
    }

    private void register(int rounds) {
        for (int i = 0; i < rounds; i++) {
            long time = random.nextLong() >>> 20;
            TimerHeapInternalTimer<Long, VoidNamespace> timer =
                    new TimerHeapInternalTimer<>(time, (long) random.nextIndex(keys), VoidNamespace.INSTANCE);
            timers.add(timer);
            registered.add(timer);
        }
    }

    private void delete(int rounds) {
        for (int i = 0; i < rounds; i++) {
            timers.remove(registered.poll());
        }
    }

    private void poll(int rounds) {
        long last = Long.MIN_VALUE;
        long ascending = 0;
        for (int i = 0; i < rounds; i++) {
            TimerHeapInternalTimer<Long, VoidNamespace> timer = timers.poll();
            polled.add(timer);
            long time = timer.getTimestamp();
            ascending += time >= last ? 1 : 0;
            last = time;
        }
        WrongAnswerException.check("timers polled in order", rounds, ascending);
    }

    /** Before each repetition there are about as many timers as keys. */
    private final class OfSize implements Cell {
        private final Cell operation;

        OfSize(Cell operation) {
            this.operation = operation;
        }

        @Override
        public void prepare() {
            polled.forEach(timers::add);
            polled.clear();
            while (registered.size() > keys) {
                timers.remove(registered.poll());
            }
            register(keys - registered.size());
        }

        @Override
        public void run(int rounds) {
            operation.run(rounds);
        }
    }
}
