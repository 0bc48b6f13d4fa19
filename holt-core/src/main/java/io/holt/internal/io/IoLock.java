package io.holt.internal.io;

/** A lock on a file, held until it is closed. Closing it again does nothing. */
public interface IoLock extends AutoCloseable {

    @Override
    void close();
}
