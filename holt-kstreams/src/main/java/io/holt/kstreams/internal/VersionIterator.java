package io.holt.kstreams.internal;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.kafka.streams.state.VersionedRecord;
import org.apache.kafka.streams.state.VersionedRecordIterator;

/** Gives out versions of one key that were read when it was made, so it shows one moment and holds nothing open. */
final class VersionIterator implements VersionedRecordIterator<byte[]> {

    private final Iterator<VersionedRecord<byte[]>> versions;
    private boolean isOpen = true;

    VersionIterator(List<VersionedRecord<byte[]>> versions) {
        this.versions = versions.iterator();
    }

    @Override
    public boolean hasNext() {
        if (!isOpen) {
            throw new IllegalStateException("The iterator is out of scope.");
        }
        return versions.hasNext();
    }

    @Override
    public VersionedRecord<byte[]> next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no version is left in this iterator");
        }
        return versions.next();
    }

    @Override
    public void close() {
        isOpen = false;
    }
}
