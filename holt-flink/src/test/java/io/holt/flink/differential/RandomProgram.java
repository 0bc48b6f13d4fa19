package io.holt.flink.differential;

import java.util.List;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;

/** Does the same random operations on jobs with different backends and compares every answer. */
final class RandomProgram<K, N> {

    /** An operation is drawn from so many. */
    static final int DRAWS = 100_000;

    private final Trial<K, N> trial;
    private final StateSteps<K, N> states;
    private final TimerSteps<K, N> timers;
    private final CheckpointSteps<K, N> checkpoints;

    RandomProgram(Trial<K, N> trial) throws Exception {
        this.trial = trial;
        this.states = new StateSteps<>(trial);
        this.timers = new TimerSteps<>(trial);
        this.checkpoints = new CheckpointSteps<>(trial);
    }

    /** What may be done at any time. */
    interface Step {
        void run() throws Exception;
    }

    void run(int operations) throws Exception {
        int seldom = trial.density.savepoints() + trial.density.checkpoints();
        for (int i = 0; i < operations; i++) {
            int choice = trial.random.nextInt(DRAWS);
            if (choice < trial.density.savepoints()) {
                restoreFromSavepoint();
            } else if (choice < seldom) {
                if (checkpoints.step(this::anyStep)) {
                    afterRestore();
                }
            } else if (choice < seldom + trial.density.comparisons()) {
                compareAll();
            } else {
                anyStep();
            }
        }
        compareAll();
        checkpoints.assertNothingIsLeft();
    }

    private void anyStep() throws Exception {
        int choice = trial.random.nextInt(100);
        if (choice < 3) {
            timers.queueOperation();
        } else if (choice < 7) {
            timers.serviceOperation();
        } else if (choice < 17) {
            states.expiringOperation();
        } else {
            states.operation();
        }
    }

    private void afterRestore() throws Exception {
        timers.fireAfterRestore();
        compareAll();
    }

    /** Compares everything there is. */
    private void compareAll() throws Exception {
        for (K key : trial.setting.keys()) {
            trial.compare("contents of " + key, job -> JobContents.of(job, trial.setting, key));
        }
        for (String state : SubtaskStates.NAMES) {
            trial.compare("keys and namespaces of " + state, job -> JobContents.keysAndNamespaces(job, state));
            for (N namespace : trial.setting.namespaces()) {
                trial.compare(
                        "keys of " + state + ", " + namespace, job -> JobContents.keys(job, List.of(state), namespace));
            }
        }
        N namespace = trial.any(trial.setting.namespaces());
        trial.compare("keys of all, " + namespace, job -> JobContents.keys(job, SubtaskStates.NAMES, namespace));
        trial.compare("visits of all keys, " + namespace, job -> JobContents.visits(job, namespace));
        for (String state : SubtaskStates.EXPIRING_NAMES) {
            trial.compare("live keys of " + state, job -> JobContents.liveKeysAndNamespaces(job, state));
            trial.compare("live keys of " + state + ", " + namespace, job -> JobContents.live(job, state, namespace));
        }
        trial.compare("visits of live keys, " + namespace, job -> JobContents.visitsOfLive(job, namespace));
        timers.compareAll();
    }

    /** Takes a savepoint, goes on, and then restores all jobs from one job's savepoint at another parallelism. */
    private void restoreFromSavepoint() throws Exception {
        StatefulJob<K, N> source = trial.any(trial.jobs());
        boolean alsoCheckpoint = source.kind().isHolt() && trial.random.nextBoolean();
        List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> frozen = source.savepoint();
        var frozenCheckpoint = alsoCheckpoint ? source.checkpointInMemory() : null;
        trial.note("savepoint of " + source.kind() + ", also as a checkpoint: " + alsoCheckpoint);
        long watermark = trial.watermark;
        for (int i = trial.random.nextInt(30); i > 0; i--) {
            anyStep();
        }
        List<KeyedStateHandle> savepoint = StatefulJob.write(frozen);
        List<KeyedStateHandle> checkpoint = alsoCheckpoint ? StatefulJob.write(frozenCheckpoint) : savepoint;
        trial.watermark = watermark;
        Trial.Origin<K, N> origin = job -> job.kind().isHolt() ? checkpoint : savepoint;
        trial.restart(origin);
        checkpoints.beginFrom(origin);
        afterRestore();
    }
}
