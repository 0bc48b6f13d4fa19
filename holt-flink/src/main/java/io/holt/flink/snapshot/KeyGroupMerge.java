package io.holt.flink.snapshot;

import java.util.List;
import org.apache.flink.runtime.state.KeyValueStateIterator;

/**
 * The records of all states ordered by key group, then by state: each state's records are in that order already, so
 * one look at each state a key group merges them. For one thread.
 */
final class KeyGroupMerge implements KeyValueStateIterator {

    private static final int ENDED = Integer.MAX_VALUE;

    private final List<StateRecords> states;

    /** For each state, the key group of its next record. */
    private final int[] keyGroups;

    private int state;
    private int keyGroup = ENDED;
    private boolean newKeyGroup;
    private boolean newState;

    /** @param states their position is their id; closed with the merge */
    KeyGroupMerge(List<StateRecords> states) {
        this.states = states;
        this.keyGroups = new int[states.size()];
        for (int id = 0; id < keyGroups.length; id++) {
            advance(id);
        }
        startLeastKeyGroup();
    }

    private void advance(int id) {
        StateRecords records = states.get(id);
        keyGroups[id] = records.next() ? records.keyGroup() : ENDED;
    }

    private void startLeastKeyGroup() {
        keyGroup = ENDED;
        for (int id = 0; id < keyGroups.length; id++) {
            if (keyGroups[id] < keyGroup) {
                keyGroup = keyGroups[id];
                state = id;
            }
        }
        newKeyGroup = true;
        newState = true;
    }

    @Override
    public void next() {
        advance(state);
        newKeyGroup = false;
        newState = false;
        if (keyGroups[state] == keyGroup) {
            return;
        }
        for (int id = state + 1; id < keyGroups.length; id++) {
            if (keyGroups[id] == keyGroup) {
                state = id;
                newState = true;
                return;
            }
        }
        startLeastKeyGroup();
    }

    @Override
    public boolean isValid() {
        return keyGroup != ENDED;
    }

    @Override
    public int keyGroup() {
        return keyGroup;
    }

    @Override
    public int kvStateId() {
        return state;
    }

    @Override
    public byte[] key() {
        return states.get(state).key();
    }

    @Override
    public byte[] value() {
        return states.get(state).value();
    }

    @Override
    public boolean isNewKeyValueState() {
        return newState;
    }

    @Override
    public boolean isNewKeyGroup() {
        return newKeyGroup;
    }

    @Override
    public void close() {
        states.forEach(StateRecords::close);
    }
}
