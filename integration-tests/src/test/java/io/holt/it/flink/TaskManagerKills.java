package io.holt.it.flink;

import io.holt.it.flink.FlinkRest.Attempt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills TaskManagers that hold tasks of a job, at moments of every kind. Whether the moment was hit is what the
 * JobManager says afterwards of the tasks and of the checkpoint; one that was missed is tried again, some times.
 */
final class TaskManagerKills {

    private static final Logger LOG = LoggerFactory.getLogger(TaskManagerKills.class);

    /** A miss costs a kill too, so there are few in a row unless something is wrong. */
    private static final int ATTEMPTS = 8;

    private static final int RUN_MILLIS = 700;

    private final FlinkProcesses flink;
    private final Random random;
    private final List<Moment> coming = new ArrayList<>();
    private final Map<Moment, Figures> figures = new EnumMap<>(Moment.class);
    private final Set<String> seenAtWork = new HashSet<>();

    /** When a TaskManager is killed. */
    enum Moment {
        /** All tasks run, those of the TaskManager too, and no checkpoint is being taken. */
        RUNNING,
        /** A checkpoint was begun, and this ends it. */
        CHECKPOINT,
        /** Just when a checkpoint is complete, which is the one that the job goes on from. */
        COMPLETED,
        /** A task with state that is there is not yet done with getting it back, and never will be. */
        RESTORE
    }

    /** How often a moment was wanted, tried and hit. */
    record Figures(int picks, int kills, int hits) {}

    TaskManagerKills(FlinkProcesses flink, Random random) {
        this.flink = flink;
        this.random = random;
        for (Moment moment : Moment.values()) {
            figures.put(moment, new Figures(0, 0, 0));
        }
    }

    /** Of each kind of moment. */
    Map<Moment, Figures> figures() {
        return Collections.unmodifiableMap(figures);
    }

    /** The TaskManagers that were seen running tasks with state. */
    Set<String> seenAtWork() {
        return Collections.unmodifiableSet(seenAtWork);
    }

    /** Kills TaskManagers of a job that runs, at the next so many moments; all kinds in turn, in a random order. */
    void kill(JobID job, int moments) throws IOException, InterruptedException {
        for (int i = 0; i < moments; i++) {
            if (coming.isEmpty()) {
                coming.addAll(Arrays.asList(Moment.values()));
                Collections.shuffle(coming, random);
            }
            Moment moment = coming.remove(0);
            boolean isHit = false;
            for (int attempt = 0; attempt < ATTEMPTS && !isHit; attempt++) {
                isHit = kill(job, moment, attempt == 0);
            }
        }
    }

    private boolean kill(JobID job, Moment moment, boolean isPick) throws IOException, InterruptedException {
        boolean isHit = switch (moment) {
            case RUNNING -> whileRunning(job);
            case CHECKPOINT -> whileTakingCheckpoint(job);
            case COMPLETED -> afterCheckpoint(job);
            case RESTORE -> whileRestoring(job);
        };
        Figures before = figures.get(moment);
        figures.put(
                moment, new Figures(before.picks + (isPick ? 1 : 0), before.kills + 1, before.hits + (isHit ? 1 : 0)));
        LOG.info("{} {}: {}", moment, isHit ? "hit" : "missed", figures);
        return isHit;
    }

    private boolean whileRunning(JobID job) throws IOException, InterruptedException {
        awaitProgress(job);
        Thread.sleep(random.nextInt(RUN_MILLIS));
        List<Attempt> running = new ArrayList<>();
        flink.await("all tasks run, and no checkpoint is taken", () -> {
            running.clear();
            running.addAll(flink.rest().attempts(job));
            return flink.rest().checkpointInProgress(job) == FlinkRest.NONE && areRunning(running);
        });
        awaitRestart(job, killOneOf(running));
        return true;
    }

    private boolean whileTakingCheckpoint(JobID job) throws IOException, InterruptedException {
        List<Attempt> running = awaitProgress(job);
        long[] checkpoint = new long[1];
        flink.await("a checkpoint is being taken", () -> {
            checkpoint[0] = flink.rest().checkpointInProgress(job);
            return checkpoint[0] != FlinkRest.NONE;
        });
        Thread.sleep(random.nextInt(CountingJob.CHECKPOINT_MILLIS));
        awaitRestart(job, killOneOf(running));
        return "FAILED".equals(flink.rest().checkpointStatus(job, checkpoint[0]));
    }

    private boolean afterCheckpoint(JobID job) throws IOException, InterruptedException {
        List<Attempt> running = awaitProgress(job);
        long before = flink.rest().newestCheckpoint(job);
        long[] completed = new long[1];
        flink.await("a checkpoint is complete", () -> {
            completed[0] = flink.rest().newestCheckpoint(job);
            return completed[0] > before;
        });
        awaitRestart(job, killOneOf(running));
        return flink.rest().restoredCheckpoint(job) == completed[0];
    }

    private boolean whileRestoring(JobID job) throws IOException, InterruptedException {
        if (flink.rest().isRunning(job)) {
            // Something has to make it restore.
            kill(job, Moment.RUNNING, true);
        }
        List<Attempt> restoring = new ArrayList<>();
        flink.await("a restore", () -> {
            restoring.clear();
            List<Attempt> all = flink.rest().attempts(job);
            all.stream()
                    .filter(attempt -> hasState(attempt)
                            && attempt.status().equals("INITIALIZING")
                            && flink.taskManagers().contains(attempt.taskManager()))
                    .forEach(restoring::add);
            return !restoring.isEmpty() || areRunning(all);
        });
        if (restoring.isEmpty()) {
            return false;
        }
        Thread.sleep(random.nextInt(CountingJob.RESTORE_MILLIS));
        List<Attempt> killed = killOneOf(restoring);
        awaitRestart(job, killed);
        return killed.stream().anyMatch(attempt -> !flink.rest().hasRun(job, attempt));
    }

    /** Waits until all tasks run and a checkpoint of theirs is complete; answers the tasks. */
    private List<Attempt> awaitProgress(JobID job) throws IOException, InterruptedException {
        flink.await("all tasks run", () -> flink.rest().isRunning(job));
        long before = flink.rest().newestCheckpoint(job);
        List<Attempt> running = new ArrayList<>();
        flink.await("a checkpoint of all tasks", () -> {
            running.clear();
            running.addAll(flink.rest().attempts(job));
            return areRunning(running) && flink.rest().newestCheckpoint(job) > before;
        });
        running.stream()
                .filter(TaskManagerKills::hasState)
                .map(Attempt::taskManager)
                .forEach(seenAtWork::add);
        return running;
    }

    private static boolean hasState(Attempt attempt) {
        return attempt.vertex().contains(CountingJob.OPERATOR);
    }

    private static boolean areRunning(List<Attempt> attempts) {
        return !attempts.isEmpty()
                && attempts.stream()
                        .allMatch(attempt -> attempt.status().equals("RUNNING")
                                || attempt.status().equals("FINISHED"));
    }

    /** Kills one of the TaskManagers that have unfinished tasks; answers those that it had. */
    private List<Attempt> killOneOf(List<Attempt> attempts) throws IOException, InterruptedException {
        List<Attempt> unfinished = attempts.stream()
                .filter(attempt -> !attempt.status().equals("FINISHED"))
                .toList();
        Set<String> holders = unfinished.stream().map(Attempt::taskManager).collect(Collectors.toSet());
        String killed = flink.killTaskManager(holders, random);
        return unfinished.stream()
                .filter(attempt -> attempt.taskManager().equals(killed))
                .toList();
    }

    /** Waits until others do the work of tasks that were killed. */
    private void awaitRestart(JobID job, List<Attempt> killed) throws IOException, InterruptedException {
        Set<Attempt> waiting = new HashSet<>(killed);
        flink.await("others instead of " + killed, () -> {
            for (Attempt attempt : flink.rest().attempts(job)) {
                waiting.removeIf(attempt::replaces);
            }
            return waiting.isEmpty();
        });
    }
}
