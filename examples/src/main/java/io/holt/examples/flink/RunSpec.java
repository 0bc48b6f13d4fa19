package io.holt.examples.flink;

import io.holt.examples.fs.FileListing;
import io.holt.examples.fs.FileSystemEvents;
import io.holt.examples.fs.Rules;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * One run of the job on one state backend. Immutable.
 *
 * @param backend what {@code state.backend.type} is set to, and a short name for it
 * @param listing gives the files that the events are about, the same ones each time
 * @param events how many events the stream has
 * @param seed of the stream
 * @param parallelism of the keyed functions
 * @param kills how often a task is killed on the way
 * @param checkpointMillis between the beginnings of two checkpoints
 * @param managedBytes Flink's managed memory, for all state backends of the run together
 * @param rules when directories are listed and forgotten
 * @param workDirectory where checkpoints and local state go, below directories of the run's own
 */
record RunSpec(
        Backend backend,
        SerializableSupplier<FileListing> listing,
        long events,
        long seed,
        int parallelism,
        int kills,
        long checkpointMillis,
        long managedBytes,
        Rules rules,
        String workDirectory)
        implements Serializable {

    /** A new stream of the run's events. */
    FileSystemEvents stream() {
        return new FileSystemEvents(listing.get(), seed, events);
    }

    Path checkpoints() {
        return Path.of(workDirectory, "checkpoints");
    }

    Path localState() {
        return Path.of(workDirectory, "local");
    }
}
