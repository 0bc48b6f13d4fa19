package io.holt.flink.backend;

import io.holt.flink.layout.StateKeyDescriptor;
import io.holt.flink.layout.StateTree;
import io.holt.flink.layout.StateTrees;
import io.holt.flink.snapshot.CheckpointMark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.execution.CancelTaskException;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.RegisteredStateMetaInfoBase;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.BackendStateType;
import org.apache.flink.runtime.state.restore.FullSnapshotRestoreOperation;
import org.apache.flink.runtime.state.restore.KeyGroup;
import org.apache.flink.runtime.state.restore.KeyGroupEntry;
import org.apache.flink.runtime.state.restore.SavepointRestoreResult;
import org.apache.flink.runtime.state.restore.ThrowingIterator;
import org.apache.flink.util.StateMigrationException;

/**
 * Reads full checkpoints and canonical savepoints, those of any parallelism, into an empty database. Records are
 * copied byte for byte; only the key group changes its width, and a list becomes one leaf.
 */
final class FullRestore {

    private static final int SEQUENCE_BYTES = StateKeyDescriptor.SEQUENCE_BYTES;

    private final StateTrees trees;
    private final HeapTimers heapTimers;
    private final int canonicalKeyGroupBytes;
    private final CloseableRegistry cancellation;
    private byte[] keyBuffer = new byte[256];

    /**
     * @param heapTimers where timers go, or null if they go into trees
     * @param cancellation closed when the task is cancelled
     */
    FullRestore(StateTrees trees, HeapTimers heapTimers, int numberOfKeyGroups, CloseableRegistry cancellation) {
        this.trees = trees;
        this.heapTimers = heapTimers;
        this.canonicalKeyGroupBytes = StateKeyDescriptor.canonicalKeyGroupBytes(numberOfKeyGroups);
        this.cancellation = cancellation;
    }

    /** The handles as they are to be read; refuses those of kinds that this backend does not read. */
    static List<KeyedStateHandle> readable(Collection<KeyedStateHandle> handles) {
        List<KeyedStateHandle> readable = new ArrayList<>();
        for (KeyedStateHandle handle : handles) {
            if (handle instanceof KeyGroupsStateHandle keyGroups) {
                readable.add(BufferedStream.buffered(keyGroups));
            } else if (handle != null) {
                throw new UnsupportedOperationException("restoring from "
                        + handle.getClass().getSimpleName()
                        + ", an incremental or native snapshot; start from a savepoint in canonical format");
            }
        }
        return readable;
    }

    /**
     * Restores everything.
     *
     * @param operation reads the {@link #readable} handles
     * @param handles what they were made of
     */
    void restore(FullSnapshotRestoreOperation<?> operation, Collection<KeyedStateHandle> handles)
            throws IOException, StateMigrationException {
        Iterator<KeyedStateHandle> ofResults =
                handles.stream().filter(Objects::nonNull).iterator();
        try (ThrowingIterator<SavepointRestoreResult> results = operation.restore()) {
            while (results.hasNext()) {
                SavepointRestoreResult result = results.next();
                try (ThrowingIterator<KeyGroup> keyGroups = result.getRestoredKeyGroups()) {
                    CheckpointMark.check(ofResults.next(), result.getStateMetaInfoSnapshots());
                    List<Target> targets = targets(result.getStateMetaInfoSnapshots());
                    restoreKeyGroups(keyGroups, targets);
                    targets.forEach(Target::finish);
                }
            }
        }
    }

    private List<Target> targets(List<StateMetaInfoSnapshot> metaInfos) {
        List<Target> targets = new ArrayList<>(metaInfos.size());
        for (StateMetaInfoSnapshot metaInfo : metaInfos) {
            if (heapTimers != null && metaInfo.getBackendStateType() == BackendStateType.PRIORITY_QUEUE) {
                targets.add(heapTimers.restoreTarget(metaInfo, canonicalKeyGroupBytes)::add);
            } else {
                StateTree known = trees.get(metaInfo.getName());
                StateTree tree = known == null ? trees.create(read(metaInfo)) : known;
                targets.add(new TreeTarget(tree));
            }
        }
        return targets;
    }

    private static RegisteredStateMetaInfoBase read(StateMetaInfoSnapshot metaInfo) {
        return RegisteredKeyValueStateBackendMetaInfo.fromMetaInfoSnapshot(metaInfo);
    }

    /** Where the records of one state go. */
    private interface Target {
        void put(byte[] canonicalKey, byte[] value) throws IOException;

        /** Puts what is still held back. */
        default void finish() {}
    }

    /** A tree; a list becomes one leaf, whose sequence number is 0. */
    private final class TreeTarget implements Target {
        private final RestoredRecords records;
        private final int zeros;

        TreeTarget(StateTree stateTree) {
            this.records = new RestoredRecords(stateTree.tree());
            this.zeros = stateTree.isList() ? SEQUENCE_BYTES : 0;
        }

        @Override
        public void put(byte[] canonicalKey, byte[] value) {
            int widening = StateKeyDescriptor.KEY_GROUP_BYTES - canonicalKeyGroupBytes;
            int keyLength = widening + canonicalKey.length + zeros;
            if (keyLength > keyBuffer.length) {
                keyBuffer = new byte[2 * keyLength];
            }
            keyBuffer[0] = 0;
            System.arraycopy(canonicalKey, 0, keyBuffer, widening, canonicalKey.length);
            Arrays.fill(keyBuffer, keyLength - zeros, keyLength, (byte) 0);
            records.put(keyBuffer, keyLength, value);
        }

        @Override
        public void finish() {
            records.close();
        }
    }

    private void restoreKeyGroups(ThrowingIterator<KeyGroup> keyGroups, List<Target> targets)
            throws IOException, StateMigrationException {
        while (keyGroups.hasNext()) {
            checkNotCancelled();
            try (ThrowingIterator<KeyGroupEntry> entries = keyGroups.next().getKeyGroupEntries()) {
                while (entries.hasNext()) {
                    KeyGroupEntry entry = entries.next();
                    targets.get(entry.getKvStateId()).put(entry.getKey(), entry.getValue());
                }
            }
        }
    }

    private void checkNotCancelled() {
        if (cancellation.isClosed() || Thread.currentThread().isInterrupted()) {
            throw new CancelTaskException("the task was cancelled while its state was restored");
        }
    }
}
