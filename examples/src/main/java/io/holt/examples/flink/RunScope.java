package io.holt.examples.flink;

import io.holt.examples.fs.FileSystemEvents;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What all tasks of a run share although they fail and start again: the events, the kills and the probe. Tasks
 * find it by the run's name, which is possible because they are in one process with whoever started the job.
 *
 * @param stream the events
 * @param kills when tasks are killed
 * @param probe what tasks report
 */
record RunScope(FileSystemEvents stream, KillPlan kills, RunProbe probe) {

    private static final Map<String, RunScope> SCOPES = new ConcurrentHashMap<>();

    static RunScope open(String run, FileSystemEvents stream, KillPlan kills, int keyedTasks) {
        RunScope scope = new RunScope(stream, kills, new RunProbe(keyedTasks));
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

    static void close(String run) {
        SCOPES.remove(run);
    }
}
