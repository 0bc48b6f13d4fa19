package io.holt.internal.store;

import io.holt.api.StoreFormatException;
import io.holt.internal.io.DirectoryState;
import io.holt.internal.io.IoEngine;
import java.nio.file.Path;
import java.util.List;

/** A directory that holds a store or can hold one, locked for its only writer. */
public final class StoreDirectory implements AutoCloseable {

    private static final int NAMES_SHOWN = 3;

    private final StoreFiles files;

    /** Null for a reader where no writer can be. */
    private final StoreLock lock;

    private final boolean hasStore;

    private StoreDirectory(StoreFiles files, StoreLock lock, boolean hasStore) {
        this.files = files;
        this.lock = lock;
        this.hasStore = hasStore;
    }

    /**
     * Checks and locks a directory. Nothing is written to one that is refused.
     *
     * @param create whether a missing directory is made, and one without a store accepted
     * @throws StoreFormatException if it is missing, no directory, read-only, or holds something else
     * @throws io.holt.api.StoreInUseException if the store is open, in this process or elsewhere
     */
    public static StoreDirectory open(IoEngine engine, Path directory, boolean create) {
        DirectoryState state = engine.directoryState(directory);
        if (state == DirectoryState.MISSING && create) {
            engine.createDirectories(directory);
            state = engine.directoryState(directory);
        }
        checkState(directory, state);
        StoreFiles files = new StoreFiles(directory);
        holdsStore(engine, files, create);
        StoreLock lock = StoreLock.acquire(engine, files, false);
        boolean opened = false;
        try {
            // Once more: whoever held the lock may have made the store meanwhile.
            StoreDirectory result = new StoreDirectory(files, lock, holdsStore(engine, files, create));
            opened = true;
            return result;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    /**
     * Checks and locks a directory beside other readers; nothing is changed.
     *
     * @throws StoreFormatException if it is missing, no directory, or holds no store
     * @throws io.holt.api.StoreInUseException if a writer has the store open
     */
    public static StoreDirectory openToRead(IoEngine engine, Path directory) {
        DirectoryState state = engine.directoryState(directory);
        if (state != DirectoryState.READ_ONLY) {
            checkState(directory, state);
        }
        StoreFiles files = new StoreFiles(directory);
        holdsStore(engine, files, false);
        boolean locked = engine.exists(files.lock());
        if (!locked && state == DirectoryState.WRITABLE) {
            // A copy of a database may come without the file; taking the lock of a writer makes it.
            StoreLock.acquire(engine, files, false).close();
            locked = true;
        }
        // Where the file can't be made there is no writer to be kept out.
        StoreLock lock = locked ? StoreLock.acquire(engine, files, true) : null;
        return new StoreDirectory(files, lock, true);
    }

    private static void checkState(Path directory, DirectoryState state) {
        switch (state) {
            case MISSING ->
                throw new StoreFormatException(
                        directory.toString(),
                        "there is no such directory",
                        "give the directory of a database, or let opening create one");
            case NOT_A_DIRECTORY ->
                throw new StoreFormatException(directory.toString(), "this is a file", "give the path of a directory");
            case READ_ONLY ->
                throw new StoreFormatException(
                        directory.toString(),
                        "files can't be made in this directory",
                        "give the process the right to write, or mount the file system for writing");
            case WRITABLE -> {}
        }
    }

    private static boolean holdsStore(IoEngine engine, StoreFiles files, boolean create) {
        List<String> names = engine.list(files.directory());
        if (names.contains(StoreFiles.MANIFEST)) {
            return true;
        }
        List<String> foreign = names.stream()
                .filter(name -> !StoreFiles.IN_AN_EMPTY_DIRECTORY.contains(name))
                .toList();
        if (!foreign.isEmpty()) {
            throw new StoreFormatException(
                    files.directory().toString(),
                    "it holds no " + StoreFiles.MANIFEST + ", but " + foreign.size() + " other entries, "
                            + String.join(", ", foreign.subList(0, Math.min(NAMES_SHOWN, foreign.size()))) + " first",
                    "give an empty directory, or restore the missing file from a backup");
        }
        if (!create) {
            throw new StoreFormatException(
                    files.directory().toString(),
                    "it holds no database",
                    "give the directory of one, or let opening create one");
        }
        return false;
    }

    public StoreFiles files() {
        return files;
    }

    /** Whether there is a store; if not, the directory is empty. */
    public boolean hasStore() {
        return hasStore;
    }

    /** Lets go of the lock. Idempotent. */
    @Override
    public void close() {
        if (lock != null) {
            lock.close();
        }
    }
}
