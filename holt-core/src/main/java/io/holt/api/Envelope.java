package io.holt.api;

import java.util.Arrays;
import java.util.Objects;

/** Opaque bytes that became durable together with a batch, and the place of that batch in the log. Immutable. */
public final class Envelope {

    private final long lsn;
    private final byte[] bytes;

    /** @param bytes copied */
    public Envelope(long lsn, byte[] bytes) {
        this.lsn = lsn;
        this.bytes = bytes.clone();
    }

    /** Place of the batch in the log: a cursor for {@link HoltDb#envelopes}. */
    public long lsn() {
        return lsn;
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Envelope that && lsn == that.lsn && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(lsn, Arrays.hashCode(bytes));
    }

    @Override
    public String toString() {
        return "envelope of " + bytes.length + " bytes at LSN " + lsn;
    }
}
