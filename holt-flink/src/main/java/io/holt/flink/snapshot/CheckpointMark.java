package io.holt.flink.snapshot;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SavepointKeyedStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.util.StateMigrationException;

/**
 * What tells this backend's own checkpoints from those of others: a checkpoint of the heap backend has the same type
 * of handle and the same head, but another body. Canonical savepoints carry no mark: any backend may have written
 * them.
 */
public final class CheckpointMark {

    private static final String OPTION = "HOLT_CHECKPOINT_FORMAT";
    private static final String FORMAT = "1";

    private CheckpointMark() {}

    /** The same meta information with the mark on each state. */
    static List<StateMetaInfoSnapshot> mark(List<StateMetaInfoSnapshot> states) {
        List<StateMetaInfoSnapshot> marked = new ArrayList<>(states.size());
        for (StateMetaInfoSnapshot state : states) {
            Map<String, String> options = new HashMap<>(state.getOptionsImmutable());
            options.put(OPTION, FORMAT);
            marked.add(new StateMetaInfoSnapshot(
                    state.getName(), state.getBackendStateType(), options, state.getSerializerSnapshotsImmutable()));
        }
        return marked;
    }

    /**
     * Checks that this backend can read the body that follows.
     *
     * @throws StateMigrationException if it was written by another backend or in a newer format
     */
    public static void check(KeyedStateHandle handle, List<StateMetaInfoSnapshot> states)
            throws StateMigrationException {
        if (handle instanceof SavepointKeyedStateHandle) {
            return;
        }
        for (StateMetaInfoSnapshot state : states) {
            String format = state.getOption(OPTION);
            if (format == null) {
                throw new StateMigrationException(name(handle) + " was not taken by the Holt state backend; take a"
                        + " savepoint in canonical format with the backend that took it, and start from that");
            }
            if (!format.equals(FORMAT)) {
                throw new StateMigrationException(name(handle) + " has format " + format
                        + " of the Holt state backend, this version reads format " + FORMAT
                        + "; use the version that wrote it, or start from a savepoint in canonical format");
            }
        }
    }

    /** What messages call a checkpoint: a handle's own text has all its files, of which there may be hundreds. */
    public static String name(KeyedStateHandle handle) {
        KeyGroupRange keyGroups = handle.getKeyGroupRange();
        String which = handle instanceof IncrementalKeyedStateHandle incremental
                ? "checkpoint " + incremental.getCheckpointId() + " of backend " + incremental.getBackendIdentifier()
                : "the checkpoint " + handle.getStateHandleId();
        return which + ", key groups " + keyGroups.getStartKeyGroup() + " to " + keyGroups.getEndKeyGroup();
    }
}
