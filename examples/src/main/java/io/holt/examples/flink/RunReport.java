package io.holt.examples.flink;

import io.holt.examples.fs.FileSystemState;
import java.io.Serializable;
import java.util.List;

/**
 * What came of one run. Immutable but for the state.
 *
 * @param spec the run
 * @param stateBackendClass the simple class name of the state backend that Flink says it used
 * @param state what the job found out
 * @param elapsedNanos from the first event emitted to the last one processed, recoveries included
 * @param lastStretchEventsASecond from the last recovery on, or from the first event if nothing was killed
 * @param recoveryNanos how long of that all subtasks were without their state after a kill, all together
 * @param kills how many tasks were killed
 * @param recoveries how often the job went on from a checkpoint, as Flink counts it
 * @param repeatedEvents events below a kill that were processed once more after it
 * @param checkpoints the completed ones, oldest first
 * @param cpuNanos CPU time of the process from the job's submission to its end
 * @param offHeapPeakBytes most resident memory outside the Java heap, or -1 if the system does not tell
 */
record RunReport(
        RunSpec spec,
        String stateBackendClass,
        FileSystemState state,
        long elapsedNanos,
        double lastStretchEventsASecond,
        long recoveryNanos,
        int kills,
        long recoveries,
        long repeatedEvents,
        List<CheckpointFigure> checkpoints,
        long cpuNanos,
        long offHeapPeakBytes)
        implements Serializable {

    /** Events of the stream by elapsed time: what the job as a whole achieves in spite of the kills. */
    double eventsASecond() {
        return spec.events() * 1e9 / elapsedNanos;
    }
}
