package io.holt.internal.memory;

/**
 * Where address space and the pages behind it come from. A range that was reserved stays readable and writable until
 * the process ends: there is no way to unmap it. Threads: all methods from any thread.
 */
interface PageSource {

    /**
     * Reserves address space whose bytes are all zero.
     *
     * @param alignment a power of two, in bytes
     * @return the address, or the negated errno if the operating system refused
     */
    long reserve(long bytes, long alignment);

    /** Sets all bytes of a range to zero, by giving its pages back where that is possible. */
    void discard(long address, long bytes);

    /** Asks for huge pages behind a range, or for none; only advice, without effect on what the bytes are. */
    void adviseHugePages(long address, long bytes, boolean wanted);

    /**
     * Finds the pages of a range now, not when they are touched; what they hold is not changed, whoever uses them
     * meanwhile.
     *
     * @return whether it was done; if not, this platform has no use for it
     */
    boolean populate(long address, long bytes);

    /** The best source of this platform. */
    static PageSource ofPlatform() {
        return LinuxPages.isSupported() ? new LinuxPages() : new PortablePages();
    }
}
