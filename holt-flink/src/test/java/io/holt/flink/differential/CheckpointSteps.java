package io.holt.flink.differential;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;

/**
 * Steps of a random program that take checkpoints, each built on those before, confirm or abort them or do neither, and
 * let jobs fail. The same happens to all jobs; each is restored from its own checkpoint.
 */
final class CheckpointSteps<K, N> {

    private static final int PENDING_MAX = 3;

    private final Trial<K, N> trial;
    private final Map<StatefulJob.Kind, Checkpoints> checkpoints = new EnumMap<>(StatefulJob.Kind.class);

    /** By id the watermark there was. */
    private final TreeMap<Long, Long> pending = new TreeMap<>();

    /** Complete ones of which the jobs have not been told. */
    private final List<Long> untold = new ArrayList<>();

    private long lastId;

    /** The watermark of what the jobs would go on from if they failed; null if there is nothing. */
    private Long restorable;

    CheckpointSteps(Trial<K, N> trial) throws Exception {
        this.trial = trial;
        begin(job -> null);
    }

    private void begin(Trial.Origin<K, N> origin) throws Exception {
        pending.clear();
        untold.clear();
        checkpoints.clear();
        for (StatefulJob<K, N> job : trial.jobs()) {
            Path directory = trial.directory.resolve(job.kind() + "-" + lastId);
            checkpoints.put(job.kind(), new Checkpoints(directory, origin.of(job)));
        }
    }

    /** The jobs went on from a savepoint, of this watermark: their checkpoints so far are of no use. */
    void beginFrom(Trial.Origin<K, N> savepoint) throws Exception {
        assertNothingIsLeft();
        lastId++;
        begin(savepoint);
        restorable = trial.watermark;
    }

    void assertNothingIsLeft() throws Exception {
        for (Checkpoints ofJob : checkpoints.values()) {
            ofJob.assertNothingIsLeft();
        }
    }

    /**
     * Does one of these things.
     *
     * @param between what is done while a checkpoint is written
     * @return whether the jobs failed and are as they were
     */
    boolean step(RandomProgram.Step between) throws Exception {
        int choice = trial.random.nextInt(16);
        if (choice < 7) {
            if (pending.size() < PENDING_MAX) {
                take(between);
            }
        } else if (choice < 11) {
            if (!pending.isEmpty()) {
                complete(trial.any(List.copyOf(pending.keySet())));
            }
        } else if (choice < 12) {
            if (!pending.isEmpty()) {
                abort(trial.any(List.copyOf(pending.keySet())));
            }
        } else if (choice < 14) {
            tell();
        } else if (restorable != null) {
            restore();
            return true;
        }
        return false;
    }

    private void take(RandomProgram.Step between) throws Exception {
        long id = ++lastId;
        boolean acknowledged = trial.random.nextInt(6) != 0;
        trial.note("checkpoint " + id + (acknowledged ? "" : ", declined"));
        Map<StatefulJob.Kind, List<RunnableFuture<SnapshotResult<KeyedStateHandle>>>> frozen =
                new EnumMap<>(StatefulJob.Kind.class);
        for (StatefulJob<K, N> job : trial.jobs()) {
            Checkpoints ofJob = checkpoints.get(job.kind());
            CheckpointType type = ofJob.needsFull() ? CheckpointType.FULL_CHECKPOINT : CheckpointType.CHECKPOINT;
            frozen.put(job.kind(), job.checkpoint(id, ofJob.streams(id), type));
        }
        long watermark = trial.watermark;
        for (int i = trial.random.nextInt(20); i > 0; i--) {
            between.run();
        }
        for (StatefulJob<K, N> job : trial.jobs()) {
            List<KeyedStateHandle> handles = StatefulJob.write(frozen.get(job.kind()));
            if (acknowledged) {
                checkpoints.get(job.kind()).acknowledge(id, handles);
            } else {
                Checkpoints.decline(handles);
            }
        }
        if (acknowledged) {
            pending.put(id, watermark);
        } else if (trial.random.nextBoolean()) {
            tellAborted(id);
        }
    }

    private void complete(long id) throws Exception {
        trial.note("complete " + id);
        for (Checkpoints ofJob : checkpoints.values()) {
            ofJob.complete(id);
        }
        for (long older : List.copyOf(pending.headMap(id).keySet())) {
            pending.remove(older);
            if (trial.random.nextBoolean()) {
                tellAborted(older);
            }
        }
        restorable = pending.remove(id);
        untold.add(id);
        if (trial.random.nextInt(3) != 0) {
            tell();
        }
    }

    /** Tells of all complete ones, or only of the last: a message may be lost. */
    private void tell() throws Exception {
        List<Long> told = trial.random.nextBoolean() || untold.isEmpty()
                ? untold
                : untold.subList(untold.size() - 1, untold.size());
        trial.note("confirm " + told);
        for (StatefulJob<K, N> job : trial.jobs()) {
            for (long id : told) {
                job.notifyComplete(id);
            }
        }
        untold.clear();
    }

    private void abort(long id) throws Exception {
        trial.note("abort " + id);
        for (Checkpoints ofJob : checkpoints.values()) {
            ofJob.abort(id);
        }
        pending.remove(id);
        if (trial.random.nextInt(3) != 0) {
            tellAborted(id);
        }
    }

    private void tellAborted(long id) throws Exception {
        trial.note("tell of " + id + " being aborted");
        for (StatefulJob<K, N> job : trial.jobs()) {
            job.notifyAborted(id);
        }
    }

    private void restore() throws Exception {
        int choice = trial.random.nextInt(3);
        trial.note("failure " + choice);
        for (Checkpoints ofJob : checkpoints.values()) {
            switch (choice) {
                case 0 -> ofJob.fail();
                case 1 -> ofJob.failWithJobManager();
                default -> ofJob.beginUnclaimed();
            }
        }
        pending.clear();
        untold.clear();
        trial.watermark = restorable;
        trial.restart(job -> checkpoints.get(job.kind()).newest());
    }
}
