package io.holt.internal.memory;

import java.util.ArrayList;
import java.util.List;

/** Address space that exists in numbers only; it may not be accessed. */
final class FakePages implements PageSource {

    private static long nextAddress = 1L << 46;

    private final List<String> discarded = new ArrayList<>();
    private final List<String> populated = new ArrayList<>();
    private long remainingBytes;
    private int reservations;

    /** @param bytes what can be reserved in all */
    FakePages(long bytes) {
        this.remainingBytes = bytes;
    }

    @Override
    public synchronized long reserve(long bytes, long alignment) {
        if (bytes > remainingBytes) {
            return -12;
        }
        remainingBytes -= bytes;
        reservations++;
        synchronized (FakePages.class) {
            // A gap after each reservation: no two of them touch.
            long address = nextAddress;
            nextAddress += (bytes + 2 * alignment) & -alignment;
            return address;
        }
    }

    @Override
    public synchronized void discard(long address, long bytes) {
        discarded.add(address + "+" + bytes);
    }

    @Override
    public void adviseHugePages(long address, long bytes, boolean wanted) {}

    @Override
    public synchronized boolean populate(long address, long bytes) {
        populated.add(address + "+" + bytes);
        return true;
    }

    /** What was populated, in order. */
    synchronized List<String> populated() {
        return List.copyOf(populated);
    }

    synchronized int reservations() {
        return reservations;
    }

    synchronized List<String> discarded() {
        return List.copyOf(discarded);
    }
}
