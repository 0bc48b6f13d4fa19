package io.holt.internal.store;

import io.holt.api.StoreInUseException;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoLock;

/**
 * Keeps other writers, in this process or elsewhere, out of a store, or as a reader all writers. Held until closed;
 * a process that dies lets go.
 */
public final class StoreLock implements AutoCloseable {

    private final IoLock lock;

    private StoreLock(IoLock lock) {
        this.lock = lock;
    }

    /**
     * Takes the lock or fails at once.
     *
     * @param shared for a reader
     * @throws StoreInUseException if another holder is in the way
     */
    public static StoreLock acquire(IoEngine engine, StoreFiles files, boolean shared) {
        IoLock lock = engine.tryLock(files.lock(), shared);
        if (lock == null) {
            throw new StoreInUseException(files.directory().toString(), null);
        }
        return new StoreLock(lock);
    }

    @Override
    public void close() {
        lock.close();
    }
}
