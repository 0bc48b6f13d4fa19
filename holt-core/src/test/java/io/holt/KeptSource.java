package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.FrameChangesTest.Kept;
import io.holt.api.FrameSource;
import io.holt.api.ImageInstaller.FramePieces;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Frames that a test kept, with what it does to them. */
final class KeptSource implements FrameSource {

    private final Map<Integer, List<byte[]>> frames = new TreeMap<>();
    private final BitSet valueParts;
    private final BitSet unwanted = new BitSet();
    private final Set<Integer> opened = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch entered = new CountDownLatch(1);
    private final AtomicInteger streams = new AtomicInteger();
    private volatile int blockedAt = -1;
    private volatile int failing = -1;

    KeptSource(Map<Integer, Kept> kept, BitSet valueParts) {
        kept.forEach((blobId, frame) -> frames.put(blobId, new ArrayList<>(frame.pieces())));
        this.valueParts = valueParts;
    }

    /** Of these frames the records are not wanted. */
    KeptSource without(BitSet blobIds) {
        unwanted.or(blobIds);
        return this;
    }

    /** Reading in turn never comes beyond this frame. */
    KeptSource blockedAt(int blobId) {
        blockedAt = blobId;
        return this;
    }

    /** Reading this frame fails as a storage does. */
    KeptSource failingAt(int blobId) {
        failing = blobId;
        return this;
    }

    /** Flips a bit in the middle of a frame's last piece. */
    KeptSource damagedAt(int blobId) {
        byte[] piece = frames.get(blobId).removeLast().clone();
        piece[piece.length / 2] ^= 4;
        frames.get(blobId).add(piece);
        return this;
    }

    /** Of a frame's last piece the second half is missing. */
    KeptSource cutOffAt(int blobId) {
        byte[] piece = frames.get(blobId).removeLast();
        frames.get(blobId).add(java.util.Arrays.copyOf(piece, piece.length / 2));
        return this;
    }

    /** Gives one frame instead of another one. */
    KeptSource exchanged(int blobId, int other) {
        frames.put(blobId, frames.get(other));
        return this;
    }

    /** Returns when reading in turn does not go on. */
    void awaitBlocked() throws InterruptedException {
        assertThat(entered.await(5, TimeUnit.MINUTES)).isTrue();
    }

    /** Which frames were opened so far. */
    Set<Integer> opened() {
        return opened;
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Streams that were opened and not closed. */
    int openStreams() {
        return streams.get();
    }

    @Override
    public int[] blobIds() {
        return frames.keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public Want want(int blobId) {
        if (valueParts.get(blobId)) {
            return Want.VALUE_PART;
        }
        return unwanted.get(blobId) ? Want.NOTHING : Want.RECORDS;
    }

    @Override
    public Reading open(int blobId, boolean inTurn) throws IOException {
        if (isClosed()) {
            throw new IOException("the source is closed");
        }
        opened.add(blobId);
        if (blobId == failing) {
            throw new IOException("the storage is out of order");
        }
        if (inTurn && blobId == blockedAt) {
            entered.countDown();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("the source was closed");
        }
        FramePieces pieces = FrameChangesTest.pieces(frames.get(blobId));
        streams.incrementAndGet();
        return new Reading() {
            @Override
            public InputStream next() throws IOException {
                InputStream next = pieces.next();
                return next == null ? null : new ByteArrayInputStream(next.readAllBytes());
            }

            @Override
            public void close() {
                streams.decrementAndGet();
            }
        };
    }

    @Override
    public String describe(int blobId) {
        return "pack " + blobId;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
