package io.holt.internal.checkpoint;

import io.holt.api.CorruptDataException;
import io.holt.api.FrameDigest;
import io.holt.api.FrameSource;
import io.holt.api.FrameSource.Want;
import io.holt.api.HoltIoException;
import io.holt.internal.art.ArtFrame;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.util.BitSet;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Frames of an image that are read when they are first asked for; those that the
 * database has written since are with another loader. Threads: any, for one blob one at a time.
 *
 * <p>Invariants: I6, no frame is given that does not match its checksums, and none is missing unnoticed; a frame is
 * read into a slot once, and is then the database's to keep; what it refers to is noted as the image has it, before
 * anybody changes it.
 */
public final class ArrivingFrames implements FrameLoader {

    /** Who waited for a frame so shortly ago is likely to wait for another one soon. */
    private static final long RECENTLY_NANOS = 3_000_000;

    private final ImageCatalog catalog;
    private final FrameSource source;
    private FrameLoader local = NONE;

    /** Of the source, as far as the image counts them; not changed. */
    private final BitSet given = new BitSet();

    /** Of the catalog, also what the source lacks: the blobs that the database does not have; guarded by this. */
    private final BitSet missing;

    private final Reachability reachability = new Reachability();
    private final Map<Integer, FrameDigest> digests = new ConcurrentHashMap<>();
    private final Queue<PieceReceiver> receivers = new ConcurrentLinkedQueue<>();

    /** How many threads wait for a frame out of turn. */
    private final AtomicInteger waiting = new AtomicInteger();

    /** When the last of them had it. */
    private volatile long lastWaitedNanos = System.nanoTime() - RECENTLY_NANOS;

    private volatile Thread readerInTurn;

    /**
     * Takes what the source says of its frames.
     *
     * @throws CorruptDataException if the root of a tree is not among them
     */
    public ArrivingFrames(ImageCatalog catalog, FrameSource source) {
        this.catalog = catalog;
        this.source = source;
        for (int blobId : source.blobIds()) {
            if (catalog.blobIds().get(blobId)) {
                given.set(blobId);
                if (source.want(blobId) != Want.RECORDS) {
                    reachability.putUnread(blobId);
                }
            }
        }
        missing = (BitSet) catalog.blobIds().clone();
        catalog.trees().forEach((name, tree) -> {
            if (!given.get(tree.rootBlobId())) {
                throw missing(tree.rootBlobId());
            }
        });
    }

    /** Says where frames are that were written since; answers this. */
    public ArrivingFrames before(FrameLoader written) {
        local = written;
        return this;
    }

    private static CorruptDataException missing(int blobId) {
        return FrameReceiver.damaged(0, "the frame of blob " + blobId + " is missing");
    }

    /** Ids of the frames that the source has; not to be changed. */
    public BitSet given() {
        return given;
    }

    /** Ids of all blobs of the image; not to be changed. */
    public BitSet blobIds() {
        return catalog.blobIds();
    }

    /** Says which thread reads all frames in the order of the source. */
    public void readInTurnBy(Thread thread) {
        readerInTurn = thread;
    }

    /** Whether somebody waits for a frame out of turn. */
    public boolean areWaitedFor() {
        return waiting.get() > 0;
    }

    /** Whether somebody waits for a frame out of turn, or did a moment ago. */
    public boolean wereWaitedFor() {
        return areWaitedFor() || System.nanoTime() - lastWaitedNanos < RECENTLY_NANOS;
    }

    public synchronized boolean isMissing(int blobId) {
        return missing.get(blobId);
    }

    /** How many frames are still with the source. */
    public synchronized long missingCount() {
        return missing.cardinality();
    }

    /** What is known of a frame that arrived with its records, or null. */
    public FrameDigest digest(int blobId) {
        return digests.get(blobId);
    }

    @Override
    public boolean has(int blobId) {
        return (blobId >= 0 && isMissing(blobId)) || local.has(blobId);
    }

    @Override
    public void load(int blobId, long address) {
        if (!isMissing(blobId)) {
            local.load(blobId, address);
            return;
        }
        if (!given.get(blobId)) {
            throw missing(blobId);
        }
        boolean inTurn = Thread.currentThread() == readerInTurn;
        if (!inTurn) {
            waiting.incrementAndGet();
        }
        try {
            read(blobId, address, inTurn);
        } catch (CorruptDataException | EOFException e) {
            source.unreadable(blobId);
            throw CorruptDataException.ofFrame(source.describe(blobId), e);
        } catch (IOException e) {
            source.unreadable(blobId);
            throw new HoltIoException(
                    "blob " + blobId + " can't be read from " + source.describe(blobId) + ": " + e.getMessage()
                            + "; nothing was changed",
                    e);
        } finally {
            if (!inTurn) {
                lastWaitedNanos = System.nanoTime();
                waiting.decrementAndGet();
            }
        }
    }

    private void read(int blobId, long address, boolean inTurn) throws IOException {
        PieceReceiver idle = receivers.poll();
        PieceReceiver receiver = idle == null ? new PieceReceiver(new FrameReceiver()) : idle;
        boolean emptied = source.want(blobId) == Want.NOTHING;
        try (FrameSource.Reading pieces = source.open(blobId, inTurn)) {
            if (emptied) {
                receiver.readFirstPage(pieces, address);
            } else {
                receiver.readFrame(pieces, address);
            }
        }
        int found = receiver.blobId();
        receivers.add(receiver);
        if (found != blobId || FrameHeader.epoch(address) > catalog.epoch()) {
            throw FrameReceiver.damaged(
                    0,
                    "blob " + blobId + " up to epoch " + catalog.epoch() + " should be here, but it is blob " + found
                            + " of epoch " + FrameHeader.epoch(address));
        }
        if (emptied) {
            empty(address);
        } else {
            note(blobId, address);
        }
    }

    private static void empty(long address) {
        if (FrameHeader.kind(address) == FrameHeader.KIND_VALUE) {
            throw FrameReceiver.damaged(0, "blob " + FrameHeader.blobId(address) + " is a part of a value");
        }
        byte[] path = PieceReceiver.pathOf(address);
        int treeId = FrameHeader.treeId(address);
        ArtFrame.format(address, FrameHeader.blobId(address), treeId, FrameHeader.epoch(address), path, path.length);
        Memory.putLong(address, FrameHeader.LATCH_ON_DISK);
    }

    private void note(int blobId, long address) {
        if (source.want(blobId) == Want.RECORDS) {
            synchronized (reachability) {
                reachability.put(blobId, address);
            }
        }
        digests.put(blobId, BlockDigests.ofPages(address));
    }

    @Override
    public synchronized boolean handOver(int blobId) {
        boolean was = missing.get(blobId);
        missing.clear(blobId);
        return was;
    }

    @Override
    public boolean leadsNowhere(int blobId) {
        return isMissing(blobId) && given.get(blobId) && source.want(blobId) != Want.RECORDS;
    }

    @Override
    public synchronized void forget(int blobId) {
        missing.clear(blobId);
    }

    /**
     * Ids of the blobs that the trees led to, once all frames with records arrived.
     *
     * @throws CorruptDataException if one of them is missing, or belongs to another tree than what leads to it
     */
    public BitSet reached() {
        synchronized (reachability) {
            return reachability.from(catalog.trees());
        }
    }

    /** All are there: gives back what was only of use on the way. */
    public void complete() {
        receivers.clear();
        synchronized (reachability) {
            reachability.clear();
        }
    }
}
