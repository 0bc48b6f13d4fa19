package io.holt.testkit;

import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * The pages of one state of a {@link SimulatedNode}. Those that were never written take no memory; a page that
 * another state may share is never changed, but another one put in its place.
 */
final class SimulatedPages {

    static final int PAGE_BYTES = 4096;
    private static final byte[] ZEROS = new byte[PAGE_BYTES];

    /** Null for a page of zeros. */
    private byte[][] pages;

    SimulatedPages() {
        this(new byte[0][]);
    }

    private SimulatedPages(byte[][] pages) {
        this.pages = pages;
    }

    SimulatedPages copy() {
        return new SimulatedPages(pages.clone());
    }

    /** Pages behind this number are zeros. */
    int count() {
        return pages.length;
    }

    /** The page, or null if it was never written. */
    byte[] page(int number) {
        return number < pages.length ? pages[number] : null;
    }

    private byte[] content(int number) {
        byte[] page = page(number);
        return page == null ? ZEROS : page;
    }

    boolean isZeros(int number) {
        return Arrays.equals(content(number), ZEROS);
    }

    /** Shares the page of another state. */
    void take(int number, byte[] page) {
        if (number >= pages.length) {
            pages = Arrays.copyOf(pages, number + 1 + number / 2);
        }
        pages[number] = page;
    }

    void get(int offset, byte[] into) {
        for (int done = 0, chunk; done < into.length; done += chunk) {
            int at = (offset + done) % PAGE_BYTES;
            chunk = Math.min(into.length - done, PAGE_BYTES - at);
            System.arraycopy(content((offset + done) / PAGE_BYTES), at, into, done, chunk);
        }
    }

    void get(int offset, long address, int bytes) {
        for (int done = 0, chunk; done < bytes; done += chunk) {
            int at = (offset + done) % PAGE_BYTES;
            chunk = Math.min(bytes - done, PAGE_BYTES - at);
            Memory.copyFromArray(content((offset + done) / PAGE_BYTES), at, address + done, chunk);
        }
    }

    void put(int offset, byte[] bytes) {
        for (int done = 0, chunk; done < bytes.length; done += chunk) {
            int number = (offset + done) / PAGE_BYTES;
            int at = (offset + done) % PAGE_BYTES;
            chunk = Math.min(bytes.length - done, PAGE_BYTES - at);
            byte[] page;
            if (chunk == PAGE_BYTES) {
                page = Arrays.copyOfRange(bytes, done, done + PAGE_BYTES);
            } else {
                page = content(number).clone();
                System.arraycopy(bytes, done, page, at, chunk);
            }
            take(number, page);
        }
    }

    /** As {@link #put}, within a page; only a page that is also the other state's is copied for it. */
    void patch(int offset, byte[] bytes, SimulatedPages other) {
        int number = offset / PAGE_BYTES;
        byte[] page = page(number);
        if (page == null || page == other.page(number)) {
            put(offset, bytes);
        } else {
            System.arraycopy(bytes, 0, page, offset % PAGE_BYTES, bytes.length);
        }
    }

    /** Makes all from an offset on zeros. */
    void cut(int bytes) {
        int number = bytes / PAGE_BYTES;
        if (number >= pages.length) {
            return;
        }
        int tail = bytes % PAGE_BYTES;
        byte[] last = pages[number];
        Arrays.fill(pages, number, pages.length, null);
        if (tail > 0 && last != null) {
            pages[number] = Arrays.copyOf(Arrays.copyOf(last, tail), PAGE_BYTES);
        }
    }
}
