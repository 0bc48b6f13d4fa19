package io.holt.internal.memory;

import java.util.concurrent.atomic.AtomicInteger;

/** Address space that exists in numbers only, so that a pool costs no system call; counts what was given back. */
final class NumberedPages implements PageSource {

    private static final long FIRST = 1L << 40;

    private final AtomicInteger discards = new AtomicInteger();

    @Override
    public long reserve(long bytes, long alignment) {
        return FIRST;
    }

    @Override
    public void discard(long address, long bytes) {
        discards.incrementAndGet();
    }

    @Override
    public void adviseHugePages(long address, long bytes, boolean wanted) {}

    @Override
    public boolean populate(long address, long bytes) {
        return false;
    }

    int discards() {
        return discards.get();
    }
}
