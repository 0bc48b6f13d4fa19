package io.holt.flink.backend;

import io.holt.api.BulkLoader;
import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import io.holt.api.ImageArrival;
import io.holt.api.ImageInstaller;
import io.holt.api.Scan;
import io.holt.flink.layout.KeyGroupPrefixes;
import io.holt.flink.layout.StateKeyDescriptor;
import io.holt.flink.layout.StateTree;
import io.holt.flink.layout.StateTrees;
import io.holt.flink.snapshot.ImageMetadata.HeapTimer;
import io.holt.flink.snapshot.LocalPacks;
import io.holt.flink.snapshot.UploadHistory;
import io.holt.flink.snapshot.UploadedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.execution.CancelTaskException;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.RegisteredStateMetaInfoBase;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.BackendStateType;
import org.apache.flink.util.StateMigrationException;

/**
 * Makes a database of the frames of incremental checkpoints and native savepoints, those of any parallelism. The frames
 * that fit best become the database; keys of other key groups are cut off. From what is left, records are copied.
 */
final class IncrementalRestore<K> {

    private static final int RECORDS_BETWEEN_CHECKS = 4096;

    private final OpenDatabase database;
    private final HeapTimers heapTimers;
    private final KeyGroupRange keyGroups;
    private final int canonicalKeyGroupBytes;
    private final CloseableRegistry cancellation;
    private final long lazyFromBytes;

    /**
     * @param heapTimers where timers go, or null if they go into trees
     * @param lazyFromBytes frames of so many bytes or more are read when they are asked for
     */
    IncrementalRestore(
            OpenDatabase database,
            HeapTimers heapTimers,
            KeyGroupRange keyGroups,
            int numberOfKeyGroups,
            CloseableRegistry cancellation,
            long lazyFromBytes) {
        this.database = database;
        this.heapTimers = heapTimers;
        this.keyGroups = keyGroups;
        this.canonicalKeyGroupBytes = StateKeyDescriptor.canonicalKeyGroupBytes(numberOfKeyGroups);
        this.cancellation = cancellation;
        this.lazyFromBytes = lazyFromBytes;
    }

    /**
     * Restores everything.
     *
     * @param localPacks where copies of packs are kept if the history goes on, or null
     */
    RestoredState restore(
            Collection<IncrementalKeyedStateHandle> handles,
            StateSerializerProvider<K> keySerializers,
            ClassLoader userClasses,
            LocalPacks localPacks)
            throws IOException, StateMigrationException {
        List<HeldImage<K>> images = new ArrayList<>();
        for (IncrementalKeyedStateHandle handle : handles) {
            HeldImage<K> image = HeldImage.read(handle, userClasses, cancellation);
            images.add(image);
        }
        // All handles are of one checkpoint, whose key serializer is the same everywhere.
        checkKeySerializer(images.get(0), keySerializers);
        images.sort(Comparator.comparingInt(this::wantedKeyGroups).reversed());
        HeldImage<K> first = images.get(0);
        boolean goesOn = images.size() == 1 && first.keyGroups().equals(keyGroups);
        LocalPacks copies = goesOn ? localPacks : null;
        UploadedImage known = first.bytes(keyGroups) < lazyFromBytes ? install(first, copies) : arrive(first, copies);
        StateTrees trees = new StateTrees(database.db());
        takeOver(first, trees);
        for (HeldImage<K> image : images.subList(1, images.size())) {
            copy(image, trees);
        }
        return goesOn
                ? new RestoredState(
                        trees,
                        UploadHistory.restored(first.handle().getCheckpointId(), known),
                        first.handle().getBackendIdentifier())
                : RestoredState.withoutHistory(trees);
    }

    /** Makes the database of the frames of an image; answers what is known of them. */
    private UploadedImage install(HeldImage<K> image, LocalPacks copies) throws IOException {
        try (ImageInstaller installer = database.installer(image.metadata().catalog())) {
            image.giveFrames(installer, keyGroups, copies, cancellation);
            UploadedImage known = image.metadata().image().restored(installer::digest);
            database.install(installer);
            return known;
        }
    }

    /** As {@link #install}, but the frames are read when they are asked for. */
    private UploadedImage arrive(HeldImage<K> image, LocalPacks copies) throws IOException {
        PackFrames frames = image.frames(keyGroups, copies);
        boolean taken = false;
        try {
            cancellation.registerCloseable(frames);
            ImageArrival arrival = database.arrive(image.metadata().catalog(), frames);
            taken = true;
            return image.metadata().image().arriving(arrival::digest);
        } finally {
            if (!taken) {
                frames.close();
            }
        }
    }

    private int wantedKeyGroups(HeldImage<K> image) {
        return image.keyGroups().getIntersection(keyGroups).getNumberOfKeyGroups();
    }

    private void checkKeySerializer(HeldImage<K> image, StateSerializerProvider<K> keySerializers)
            throws StateMigrationException {
        TypeSerializer<K> current = keySerializers.currentSchemaSerializer();
        TypeSerializerSchemaCompatibility<K> compatibility =
                keySerializers.setPreviousSerializerSnapshotForRestoredState(
                        image.states().getKeySerializerSnapshot());
        if (compatibility.isCompatibleAfterMigration() || compatibility.isIncompatible()) {
            throw new StateMigrationException("The new key serializer (" + current
                    + ") must be compatible with the previous key serializer ("
                    + keySerializers.previousSchemaSerializer() + ").");
        }
    }

    /** Makes the trees of the installed image those of the backend. */
    private void takeOver(HeldImage<K> image, StateTrees trees) throws IOException {
        for (byte[] prefix : KeyGroupPrefixes.outside(keyGroups, image.keyGroups())) {
            for (String tree : database.db().treeNames()) {
                database.db().tree(tree).deletePrefix(prefix);
            }
        }
        for (StateMetaInfoSnapshot metaInfo : image.stateMetaInfos()) {
            String treeName = StateTrees.treeName(metaInfo.getName());
            if (goesToHeap(metaInfo)) {
                moveToHeap(database.db(), treeName, metaInfo);
                database.db().dropTree(treeName);
            } else {
                trees.create(RegisteredStateMetaInfoBase.fromMetaInfoSnapshot(metaInfo))
                        .continueAfter(sequence(image, metaInfo));
            }
        }
        addHeapTimers(image, trees);
    }

    private boolean goesToHeap(StateMetaInfoSnapshot metaInfo) {
        return heapTimers != null && metaInfo.getBackendStateType() == BackendStateType.PRIORITY_QUEUE;
    }

    private static long sequence(HeldImage<?> image, StateMetaInfoSnapshot metaInfo) {
        return image.metadata().sequences().getOrDefault(metaInfo.getName(), StateKeyDescriptor.FIRST_SEQUENCE);
    }

    /** Copies the records of the wanted key groups from an image that is installed for this only. */
    private void copy(HeldImage<K> image, StateTrees trees) throws IOException {
        HoltDb source;
        try (ImageInstaller installer =
                database.temporaryInstaller(image.metadata().catalog())) {
            image.giveFrames(installer, keyGroups, null, cancellation);
            source = installer.finish();
        }
        try {
            for (StateMetaInfoSnapshot metaInfo : image.stateMetaInfos()) {
                String treeName = StateTrees.treeName(metaInfo.getName());
                if (goesToHeap(metaInfo)) {
                    moveToHeap(source, treeName, metaInfo);
                    continue;
                }
                StateTree known = trees.get(metaInfo.getName());
                StateTree target = known == null
                        ? trees.create(RegisteredStateMetaInfoBase.fromMetaInfoSnapshot(metaInfo))
                        : known;
                target.continueAfter(sequence(image, metaInfo));
                if (source.treeNames().contains(treeName)) {
                    copyRecords(source.tree(treeName), target.tree());
                }
            }
        } finally {
            OpenDatabase.discard(source);
        }
        addHeapTimers(image, trees);
    }

    private Cursor scanWanted(HoltTree tree, boolean keysOnly) {
        byte[] from = StateKeyDescriptor.keyGroupPrefix(keyGroups.getStartKeyGroup());
        byte[] last = StateKeyDescriptor.keyGroupPrefix(keyGroups.getEndKeyGroup());
        Scan wanted = Scan.range(from, StateKeyDescriptor.successor(last, last.length));
        return tree.scan(keysOnly ? wanted.keysOnly() : wanted);
    }

    private void copyRecords(HoltTree source, HoltTree target) {
        int copied = 0;
        // Records of one handle come in order, and between those of the others.
        try (Cursor records = scanWanted(source, false);
                BulkLoader loader = target.bulkLoad()) {
            while (records.next()) {
                if (copied++ % RECORDS_BETWEEN_CHECKS == 0) {
                    checkNotCancelled();
                }
                loader.put(
                        records.keyArray(),
                        records.keyOffset(),
                        records.keyLength(),
                        records.valueArray(),
                        records.valueOffset(),
                        records.valueLength());
            }
        }
    }

    private void checkNotCancelled() {
        if (cancellation.isClosed() || Thread.currentThread().isInterrupted()) {
            throw new CancelTaskException("the task was cancelled while its state was restored");
        }
    }

    /** Timers that were in a tree and are to be on the heap. */
    private void moveToHeap(HoltDb source, String treeName, StateMetaInfoSnapshot metaInfo) throws IOException {
        HeapTimers.RestoreTarget<?> target = heapTimers.restoreTarget(metaInfo, StateKeyDescriptor.KEY_GROUP_BYTES);
        if (!source.treeNames().contains(treeName)) {
            return;
        }
        try (Cursor timers = scanWanted(source.tree(treeName), true)) {
            while (timers.next()) {
                target.add(timers.key(), null);
            }
        }
    }

    /** Timers that were on the heap. */
    private void addHeapTimers(HeldImage<K> image, StateTrees trees) throws IOException {
        List<StateMetaInfoSnapshot> metaInfos = image.stateMetaInfos();
        for (HeapTimer timer : image.metadata().timers()) {
            StateMetaInfoSnapshot metaInfo = metaInfos.get(timer.state());
            byte[] key = StateKeyDescriptor.fromCanonical(timer.key(), canonicalKeyGroupBytes);
            if (!keyGroups.contains(StateKeyDescriptor.keyGroup(key, 0))) {
                continue;
            }
            if (heapTimers != null) {
                heapTimers
                        .restoreTarget(metaInfo, StateKeyDescriptor.KEY_GROUP_BYTES)
                        .add(key, null);
            } else {
                trees.get(metaInfo.getName()).tree().put(key, new byte[0]);
            }
        }
    }
}
