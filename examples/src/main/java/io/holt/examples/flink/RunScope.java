package io.holt.examples.flink;

import io.holt.examples.fs.FileSystemEvents;
import io.holt.examples.fs.FileSystemState;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What all tasks of a run share although they fail and start again: the events, the kills and the probe. Tasks
 * find it by the run's name, which is possible because they are in one process with whoever started the job.
 *
 * @param stream the events
 * @param kills when tasks are killed
 * @param probe what tasks report
 * @param committed what the sink has committed, by the batches' ids
 */
record RunScope(FileSystemEvents stream, KillPlan kills, RunProbe probe, Map<UUID, List<Outcome>> committed) {

    private static final Map<String, RunScope> SCOPES = new ConcurrentHashMap<>();

    static RunScope open(String run, FileSystemEvents stream, KillPlan kills, int keyedTasks) {
        RunScope scope = new RunScope(stream, kills, new RunProbe(keyedTasks), new ConcurrentHashMap<>());
        if (SCOPES.putIfAbsent(run, scope) != null) {
            throw new IllegalStateException("there is a run " + run + " already");
        }
        return scope;
    }

    /** The scope of a run. */
    static RunScope of(String run) {
        RunScope scope = SCOPES.get(run);
        if (scope == null) {
            throw new IllegalStateException(
                    "there is no run " + run + " in this process; the job works on a MiniCluster"
                            + " in the process that started it and on no other cluster");
        }
        return scope;
    }

    /** Takes a batch over, unless it was committed before. */
    void commit(OutcomeBatch batch) {
        committed.putIfAbsent(batch.id(), batch.outcomes());
    }

    /**
     * All that was committed.
     *
     * @throws IllegalStateException if something was found out twice
     */
    FileSystemState state() {
        FileSystemState state = new FileSystemState();
        committed.values().forEach(batch -> batch.forEach(outcome -> outcome.addTo(state)));
        return state;
    }

    static void close(String run) {
        SCOPES.remove(run);
    }
}
