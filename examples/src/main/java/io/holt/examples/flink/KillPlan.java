package io.holt.examples.flink;

import java.util.concurrent.CompletableFuture;

/**
 * When the run's task is killed: at evenly spaced events, each time exactly once, and never before a checkpoint
 * has completed since the last time. To be sure of that without leaving it to the clock, the source stops at a
 * gate a little before each of these events until there is such a checkpoint. Threads: any.
 */
final class KillPlan {

    private final long[] killAt;
    private final long[] gateAt;

    private int kills;
    private boolean checkpointed;
    private CompletableFuture<Void> gate = new CompletableFuture<>();

    /** Kills spread over that many events, each with its gate ahead of it. */
    KillPlan(long events, int kills) {
        this.killAt = new long[kills];
        this.gateAt = new long[kills];
        for (int kill = 0; kill < kills; kill++) {
            killAt[kill] = events * (kill + 1) / (kills + 1);
            gateAt[kill] = killAt[kill] - events / (20L * kills);
        }
    }

    /** How many tasks were killed so far. */
    synchronized int kills() {
        return kills;
    }

    /** The event at which a kill is due, counted from 0. */
    long killAt(int kill) {
        return killAt[kill];
    }

    /** The event that the source must not emit yet; {@link #gate} tells when it may. */
    synchronized long emitBelow() {
        return kills == killAt.length || checkpointed ? Long.MAX_VALUE : gateAt[kills];
    }

    /** Completes when the gate at which the source stands has opened. */
    synchronized CompletableFuture<Void> gate() {
        return gate;
    }

    /**
     * A checkpoint has completed that was begun after so many kills. One that was begun before the last kill opens no
     * gate: the word of its completion may come late.
     */
    synchronized void checkpointCompleted(int killsAtItsBeginning) {
        if (killsAtItsBeginning == kills) {
            checkpointed = true;
            gate.complete(null);
        }
    }

    /** Whether the task that processes this event has to die of it. True once for each kill. */
    synchronized boolean isDue(long sequence) {
        if (kills == killAt.length || sequence != killAt[kills]) {
            return false;
        }
        kills++;
        checkpointed = false;
        gate = new CompletableFuture<>();
        return true;
    }
}
