package io.holt.examples.flink;

import io.holt.examples.fs.DirectoryState;
import io.holt.examples.fs.ExpiredDirectory;
import io.holt.examples.fs.FileSystemState;
import io.holt.examples.fs.FileVersion;
import java.io.Serializable;

/**
 * One thing that the job found out: exactly one of the three is not null. Immutable.
 *
 * @param directory the state of a directory at the end
 * @param expired a directory that was forgotten on the way
 * @param file the state of a file at the end
 */
public record Outcome(DirectoryState directory, ExpiredDirectory expired, FileVersion file) implements Serializable {

    static Outcome of(DirectoryState directory) {
        return new Outcome(directory, null, null);
    }

    static Outcome of(ExpiredDirectory expired) {
        return new Outcome(null, expired, null);
    }

    static Outcome of(FileVersion file) {
        return new Outcome(null, null, file);
    }

    void addTo(FileSystemState state) {
        if (directory != null) {
            state.add(directory);
        } else if (expired != null) {
            state.add(expired);
        } else {
            state.add(file);
        }
    }
}
