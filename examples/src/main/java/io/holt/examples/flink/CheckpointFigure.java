package io.holt.examples.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.apache.flink.runtime.checkpoint.SubtaskStateStats;
import org.apache.flink.runtime.checkpoint.TaskStateStats;

/**
 * One completed checkpoint. Immutable.
 *
 * @param stateBytes size of the state that it holds
 * @param durationMillis from its trigger to its completion
 * @param syncMillis the longest synchronous part of a subtask, during which that subtask processes nothing
 * @param asyncMillis the longest asynchronous part of a subtask
 */
record CheckpointFigure(long stateBytes, long durationMillis, long syncMillis, long asyncMillis)
        implements Serializable {

    /**
     * The completed checkpoints of a job, oldest first.
     *
     * @throws IllegalStateException if Flink has kept the history of only some of them
     */
    static List<CheckpointFigure> of(CheckpointStatsSnapshot stats) {
        List<CompletedCheckpointStats> completed = new ArrayList<>();
        for (AbstractCheckpointStats checkpoint : stats.getHistory().getCheckpoints()) {
            if (checkpoint instanceof CompletedCheckpointStats done) {
                completed.add(done);
            }
        }
        if (completed.size() != stats.getCounts().getNumberOfCompletedCheckpoints()) {
            throw new IllegalStateException("of " + stats.getCounts().getNumberOfCompletedCheckpoints()
                    + " checkpoints the history has " + completed.size() + "; web.checkpoints.history is too low");
        }
        completed.sort(Comparator.comparingLong(AbstractCheckpointStats::getCheckpointId));
        return completed.stream().map(CheckpointFigure::of).toList();
    }

    private static CheckpointFigure of(CompletedCheckpointStats checkpoint) {
        long sync = 0;
        long async = 0;
        for (TaskStateStats task : checkpoint.getAllTaskStateStats()) {
            for (SubtaskStateStats subtask : task.getSubtaskStats()) {
                if (subtask != null) {
                    sync = Math.max(sync, subtask.getSyncCheckpointDuration());
                    async = Math.max(async, subtask.getAsyncCheckpointDuration());
                }
            }
        }
        return new CheckpointFigure(checkpoint.getStateSize(), checkpoint.getEndToEndDuration(), sync, async);
    }
}
