package io.holt.kstreams.internal;

import io.holt.api.HoltException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds a store's database in the directory of its task, opens it and looks whether it can be used. */
final class StoreOpening {

    /** Directory of a task in which its Holt stores lie, each in a directory of its name. */
    static final String PARENT_DIRECTORY = "holt";

    /** The file in which Kafka Streams before 4.3 kept the offsets of all stores of a task. */
    static final String LEGACY_CHECKPOINT_FILE = ".checkpoint";

    private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);

    private final String name;
    private final StoreLayout layout;
    private final StoreDatabases databases;

    StoreOpening(String name, StoreLayout layout, StoreDatabases databases) {
        this.name = name;
        this.layout = layout;
        this.databases = databases;
    }

    /**
     * Opens the store as it was at its last commit, or makes an empty one.
     *
     * @param waitingWriter writes records of the changelog that were kept waiting
     * @throws org.apache.kafka.common.config.ConfigException if an option can't be used
     * @throws ProcessorStateException if the database can't be opened or holds a store of another kind
     * @throws TaskCorruptedException if, under exactly-once, it holds writes that may have been aborted; Kafka Streams
     *     then rebuilds the task's stores from their changelogs
     */
    OpenStore open(StateStoreContext opening, OpenStore.WaitingWriter waitingWriter) {
        Map<String, Object> configs = opening.appConfigs();
        TaskId task = opening.taskId();
        boolean isGlobal = task.partition() < 0;
        boolean isTransactional = !isGlobal
                && StreamsConfig.EXACTLY_ONCE_V2.equals(configs.get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG));
        File stateDirectory = opening.stateDir();
        Path directory = stateDirectory.toPath().resolve(PARENT_DIRECTORY).resolve(name);
        StoreOptions options = StoreOptions.of(name, configs);
        StoreDatabases.Lease lease = lease(directory, options);
        try {
            CommitRecord record = readCommit(lease, directory);
            if (record != null && record.unsettled() && isTransactional) {
                throw new TaskCorruptedException(
                        Set.of(task),
                        new ProcessorStateException("Store " + name + " in " + directory + " was closed with writes of"
                                + " a transaction that was not known to be committed"));
            }
            boolean foreignOffsets = new File(stateDirectory, LEGACY_CHECKPOINT_FILE).exists()
                    && (record == null || isUnused(lease, record));
            CommitRecord current = record == null ? CommitRecord.empty(layout) : inLayout(lease, record);
            boolean changed = !current.equals(record);
            return new OpenStore(
                    name, current, changed, opening, isTransactional, foreignOffsets, lease, options, waitingWriter);
        } catch (RuntimeException e) {
            closeAfter(e, lease);
            throw e instanceof HoltException ? openFailure(directory, e) : e;
        }
    }

    private StoreDatabases.Lease lease(Path directory, StoreOptions options) {
        try {
            Files.createDirectories(directory);
            return databases.open(directory, options);
        } catch (IOException | HoltException e) {
            throw openFailure(directory, e);
        }
    }

    private CommitRecord readCommit(StoreDatabases.Lease lease, Path directory) {
        CommitRecord record;
        try {
            record = CommitRecord.read(lease.db());
        } catch (IllegalArgumentException e) {
            throw openFailure(directory, e);
        }
        if (record != null) {
            StoreKind found = record.layout().kind();
            if (found != layout.kind() && layout.kind().upgradePrefix(found) == null) {
                throw new ProcessorStateException("Store " + name + " in " + directory + " is a " + found.label()
                        + " store and can't be opened as a " + layout.kind().label()
                        + " store; supply a store of the kind it was, or delete the directory to have the store"
                        + " rebuilt from its changelog");
            }
        }
        return record;
    }

    /**
     * Whether a store that was opened before holds nothing and knows of no offsets. Kafka Streams deletes the old file
     * after all stores of the task took its offsets; where it came to an end before, the file speaks again of data
     * that this store never had.
     */
    private static boolean isUnused(StoreDatabases.Lease lease, CommitRecord record) {
        return record.offsets().isEmpty()
                && lease.db().tree(StoreTrees.data(record.layout())).isPrefixEmpty(new byte[0]);
    }

    /** The record with the layout that the store must have; the trees are made anew if it is another one. */
    private CommitRecord inLayout(StoreDatabases.Lease lease, CommitRecord record) {
        StoreLayout found = record.layout();
        if (layout.isLike(found)) {
            StoreUpgrade.dropLeftOvers(lease.db(), found);
            return record;
        }
        StoreLayout wanted = layout.after(found);
        CommitRecord upgraded = new CommitRecord(wanted, record.unsettled(), record.offsets(), record.position());
        long records = new StoreUpgrade(lease.db(), found, upgraded).run();
        LOG.info(
                "Store {} was a {} store with buckets of {} ms and is now a {} store with buckets of {} ms;"
                        + " {} records were laid out anew",
                name,
                found.kind().label(),
                found.bucketMillis(),
                wanted.kind().label(),
                wanted.bucketMillis(),
                records);
        return upgraded;
    }

    private ProcessorStateException openFailure(Path directory, Exception cause) {
        return new ProcessorStateException(
                "Error opening store " + name + " at location " + directory + ": " + cause.getMessage()
                        + AbstractHoltStore.remedy(cause),
                cause);
    }

    private static void closeAfter(RuntimeException failure, StoreDatabases.Lease lease) {
        try {
            lease.close();
        } catch (HoltException e) {
            failure.addSuppressed(e);
        }
    }
}
