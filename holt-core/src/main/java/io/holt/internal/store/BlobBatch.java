package io.holt.internal.store;

import io.holt.internal.io.IoBatch;

/**
 * Frames to be written or read together. Made once and used again and again: nothing is allocated per frame. Not for
 * use by several threads at once.
 */
public final class BlobBatch {

    private static final int PARTS_OF_A_FRAME = 2;

    private final int[] writtenPlaces;
    private final IoBatch requests;
    private int frames;
    private int writes;

    /** @param frames most frames at a time */
    public BlobBatch(int frames) {
        writtenPlaces = new int[frames];
        requests = new IoBatch(PARTS_OF_A_FRAME * frames);
    }

    /**
     * Adds a frame to be written: pages {@code [0, innerEndPage)} and {@code [leafStartPage, 128)}.
     *
     * @param address of the frame image, which stays as it is until the batch was submitted
     * @throws IllegalStateException if the batch is full
     */
    public void addWrite(int place, long address, int innerEndPage, int leafStartPage) {
        if (innerEndPage < 1 || innerEndPage > leafStartPage || leafStartPage > BlobStore.FRAME_PAGES) {
            throw new IllegalArgumentException("a frame can't end its inner nodes at page " + innerEndPage
                    + " and begin its leaves at page " + leafStartPage);
        }
        checkRoom();
        if (innerEndPage == leafStartPage) {
            addPages(place, address, 0, BlobStore.FRAME_PAGES);
        } else {
            addPages(place, address, 0, innerEndPage);
            if (leafStartPage < BlobStore.FRAME_PAGES) {
                addPages(place, address, leafStartPage, BlobStore.FRAME_PAGES);
            }
        }
        writtenPlaces[writes++] = place;
        frames++;
    }

    private void addPages(int place, long address, int fromPage, int toPage) {
        long from = (long) fromPage * BlobStore.PAGE_BYTES;
        long bytes = (long) (toPage - fromPage) * BlobStore.PAGE_BYTES;
        requests.addWrite(offset(place) + from, address + from, bytes);
    }

    /**
     * Adds a frame to be read whole.
     *
     * @throws IllegalStateException if the batch is full
     */
    public void addRead(int place, long address) {
        checkRoom();
        requests.addRead(offset(place), address, BlobStore.FRAME_BYTES);
        frames++;
    }

    private void checkRoom() {
        if (isFull()) {
            throw new IllegalStateException("the batch holds its " + frames + " frames already; submit it first");
        }
    }

    static long offset(int place) {
        return (long) place * BlobStore.FRAME_BYTES;
    }

    public int frames() {
        return frames;
    }

    public boolean isFull() {
        return frames == writtenPlaces.length;
    }

    /** Bytes of all requests. */
    public long bytes() {
        long total = 0;
        for (int i = 0; i < requests.count(); i++) {
            total += requests.bytes(i);
        }
        return total;
    }

    /** Forgets all frames. */
    public void clear() {
        requests.clear();
        frames = 0;
        writes = 0;
    }

    IoBatch requests() {
        return requests;
    }

    int writes() {
        return writes;
    }

    int writtenPlace(int index) {
        return writtenPlaces[index];
    }
}
