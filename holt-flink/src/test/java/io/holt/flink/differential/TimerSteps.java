package io.holt.flink.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.flink.streaming.api.operators.TimerHeapInternalTimer;
import org.apache.flink.util.CloseableIterator;

/** Steps of a random program with timers: of Flink's timer service, and in a queue without one. */
@SuppressWarnings("try") // What is closed may be interrupted.
final class TimerSteps<K, N> {

    private static final int AHEAD_MILLIS = 2000;

    private final Trial<K, N> trial;

    TimerSteps(Trial<K, N> trial) {
        this.trial = trial;
    }

    /** A time that has not come yet: Flink's RocksDB backend forgets earlier timers when it iterates. */
    private long after(long now) {
        return now + 1 + trial.random.nextInt(AHEAD_MILLIS);
    }

    void queueOperation() throws Exception {
        int choice = trial.random.nextInt(10);
        K key = trial.any(trial.setting.keys());
        N namespace = trial.any(trial.setting.namespaces());
        long time = after(trial.watermark);
        if (choice == 8) {
            advanceWatermark();
        }
        trial.compare("queue operation " + choice + " on " + key + ", " + namespace + " at " + time, job -> {
            SubtaskStates<K, N> at = job.at(key);
            if (choice < 6) {
                at.timers.add(new TimerHeapInternalTimer<>(time, key, namespace));
            } else if (choice < 8) {
                at.timers.remove(new TimerHeapInternalTimer<>(time, key, namespace));
            }
            TimerHeapInternalTimer<K, N> next = at.timers.peek();
            return next == null ? "none" : next.getTimestamp();
        });
    }

    void serviceOperation() throws Exception {
        int choice = trial.random.nextInt(10);
        K key = trial.any(trial.setting.keys());
        N namespace = trial.any(trial.setting.namespaces());
        long eventTime = after(trial.watermark);
        long processingTime = after(trial.clock.get());
        if (choice == 8) {
            advanceWatermark();
        } else if (choice == 9) {
            advanceProcessingTime(trial.random.nextInt(200));
        }
        trial.compare(
                "timer operation " + choice + " on " + key + ", " + namespace + " at " + eventTime + ", "
                        + processingTime,
                job -> {
                    SubtaskTimers<K, N> timers = job.at(key).serviceTimers();
                    switch (choice) {
                        case 0, 1, 2 -> timers.service().registerEventTimeTimer(namespace, eventTime);
                        case 3, 4, 5 -> timers.service().registerProcessingTimeTimer(namespace, processingTime);
                        case 6 -> timers.service().deleteEventTimeTimer(namespace, eventTime);
                        case 7 -> timers.service().deleteProcessingTimeTimer(namespace, processingTime);
                        default -> {
                            // Only to be counted.
                        }
                    }
                    return timers.counts();
                });
    }

    private void advanceWatermark() throws Exception {
        trial.watermark += trial.random.nextInt(200);
        long until = trial.watermark;
        trial.compare("fire event time until " + until, job -> {
            List<String> fired = new ArrayList<>();
            for (SubtaskStates<K, N> subtask : job.subtasks()) {
                while (!subtask.timers.isEmpty() && subtask.timers.peek().getTimestamp() <= until) {
                    fired.add(describe(subtask.timers.poll()));
                }
                fired.addAll(subtask.serviceTimers().advanceWatermark(until));
            }
            fired.sort(null);
            return fired;
        });
    }

    private void advanceProcessingTime(int millis) throws Exception {
        long now = trial.clock.addAndGet(millis);
        trial.compare("fire processing time until " + now, job -> {
            List<String> fired = new ArrayList<>();
            for (SubtaskStates<K, N> subtask : job.subtasks()) {
                fired.addAll(subtask.serviceTimers().advanceProcessingTime(now));
            }
            fired.sort(null);
            return fired;
        });
    }

    /** Timers whose time came while the jobs were not there. */
    void fireAfterRestore() throws Exception {
        advanceProcessingTime(0);
    }

    void compareAll() throws Exception {
        trial.compare("timers", job -> {
            TreeSet<String> timers = new TreeSet<>();
            int size = 0;
            for (SubtaskStates<K, N> subtask : job.subtasks()) {
                size += subtask.timers.size();
                try (CloseableIterator<TimerHeapInternalTimer<K, N>> all = subtask.timers.iterator()) {
                    all.forEachRemaining(timer -> timers.add(describe(timer)));
                }
            }
            assertThat(timers).as("%s", job.kind()).hasSize(size);
            return timers;
        });
        trial.compare("timers of the service", job -> {
            TreeSet<String> timers = new TreeSet<>();
            for (SubtaskStates<K, N> subtask : job.subtasks()) {
                timers.addAll(subtask.serviceTimers().all());
            }
            return timers;
        });
    }

    private static String describe(TimerHeapInternalTimer<?, ?> timer) {
        return timer.getTimestamp() + "|" + timer.getKey() + "|" + timer.getNamespace();
    }
}
