package io.holt.internal.store;

import java.nio.file.Path;
import java.util.Set;

/**
 * The names of a store's files in its directory; those of the log are the log's own.
 *
 * @param directory where they are
 */
public record StoreFiles(Path directory) {

    static final String DATA = "holt.data";
    static final String MANIFEST = "holt.manifest";
    static final String NEW_MANIFEST = "holt.manifest.new";
    static final String LOCK = "holt.lock";

    /** What a directory without a manifest may hold and still be called empty. */
    static final Set<String> IN_AN_EMPTY_DIRECTORY = Set.of(LOCK, NEW_MANIFEST, "lost+found");

    public Path data() {
        return directory.resolve(DATA);
    }

    public Path manifest() {
        return directory.resolve(MANIFEST);
    }

    /** A manifest that is being written, and takes the manifest's name when it is whole. */
    Path newManifest() {
        return directory.resolve(NEW_MANIFEST);
    }

    Path lock() {
        return directory.resolve(LOCK);
    }
}
