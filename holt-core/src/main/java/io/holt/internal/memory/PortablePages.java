package io.holt.internal.memory;

import java.lang.foreign.Arena;

/**
 * Pages by the means of the JDK alone, for platforms whose system calls this engine doesn't know. They stay resident
 * once reserved: a discarded range is zeroed and reused, but not given back to the operating system.
 */
final class PortablePages implements PageSource {

    /** ENOMEM, the same on all platforms that have errno. */
    private static final int OUT_OF_MEMORY = 12;

    @Override
    public long reserve(long bytes, long alignment) {
        try {
            return Arena.global().allocate(bytes, alignment).address();
        } catch (OutOfMemoryError refused) {
            return -OUT_OF_MEMORY;
        }
    }

    @Override
    public void discard(long address, long bytes) {
        Memory.fill(address, bytes, 0);
    }

    @Override
    public void adviseHugePages(long address, long bytes, boolean wanted) {
        // The JDK has no word for it.
    }

    @Override
    public boolean populate(long address, long bytes) {
        return false;
    }
}
