package io.holt.internal.engine;

import io.holt.api.Durability;
import java.util.ArrayList;
import java.util.List;

/**
 * What was done to a database since a state that is certainly durable, and which states may be found after a crash
 * (I3): a prefix of the changes, at least as long as the durability promises.
 */
final class CrashHistory {

    private static final int NONE = -1;

    private final Durability durability;

    /** What happened, for the message. */
    private final List<String> events = new ArrayList<>();

    /** The certainly durable state, and those after each change since. */
    private final List<CrashState> states = new ArrayList<>(List.of(new CrashState()));

    /** Index of the newest state that was acknowledged. */
    private int acknowledged;

    /** Index of the state that the newest complete checkpoint holds. */
    private int checkpointed;

    /**
     * Index of the state that a checkpoint with unknown end would hold: one that a crash cut short, also if it was
     * found after the process died, until the database was opened with it.
     */
    private int inFlight = NONE;

    CrashHistory(Durability durability) {
        this.durability = durability;
    }

    CrashState newest() {
        return states.getLast();
    }

    void note(String event) {
        events.add(event);
    }

    void begins(CrashChange change) {
        note(states.size() + " " + change);
        CrashState after = newest().copy();
        change.applyTo(after);
        states.add(after);
    }

    void ends() {
        acknowledged = states.size() - 1;
    }

    void changedNothing() {
        note("no room");
        states.removeLast();
    }

    void checkpointBegins() {
        note("checkpoint");
        inFlight = acknowledged;
    }

    void checkpointEnds() {
        checkpointed = inFlight;
        inFlight = NONE;
        note("checkpoint done");
    }

    void checkpointFails() {
        note("checkpoint failed");
        inFlight = NONE;
    }

    /**
     * Takes the state that was found, from which the history goes on.
     *
     * @throws AssertionError if it is none that may be found
     */
    void found(CrashState state, boolean powerLoss) {
        int least = durability == Durability.SYNC || (durability == Durability.ASYNC && !powerLoss)
                ? acknowledged
                : checkpointed;
        int found = NONE;
        for (int i = states.size() - 1; i >= least && found == NONE; i--) {
            boolean allowed = durability != Durability.NONE || i == checkpointed || i == inFlight;
            found = allowed && states.get(i).equals(state) ? i : NONE;
        }
        if (found == NONE) {
            throw new AssertionError("found " + state + ", which is none of the states " + least + " to "
                    + (states.size() - 1) + ": " + states.subList(least, states.size()) + " with " + durability
                    + (powerLoss ? " and loss of power" : "") + " after " + String.join("; ", events));
        }
        note("found " + found + (powerLoss ? " after loss of power" : " after death"));
        states.subList(found + 1, states.size()).clear();
        // What was under way and is found counts when the database was opened with it, and not by being looked at.
        acknowledged = Math.min(acknowledged, found);
        inFlight = NONE;
        checkpointed = Math.min(checkpointed, found);
        if (powerLoss) {
            states.subList(0, found).clear();
            acknowledged = 0;
            checkpointed = 0;
        }
        if (durability == Durability.NONE) {
            inFlight = states.size() - 1;
        }
    }

    /** The database was opened, so what it has it keeps. */
    void opened() {
        note("opened");
        acknowledged = states.size() - 1;
        inFlight = NONE;
        if (durability == Durability.NONE) {
            checkpointed = acknowledged;
        }
    }
}
