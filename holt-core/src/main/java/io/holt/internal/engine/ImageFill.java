package io.holt.internal.engine;

import io.holt.api.FrameDigest;
import io.holt.api.FrameSource;
import io.holt.api.FrameSource.Want;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.ImageArrival;
import io.holt.api.MemoryBudgetException;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.checkpoint.ArrivingFrames;
import io.holt.internal.checkpoint.ImageCatalog;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads the frames of an image that nobody asked for yet, while the database is in use; those that somebody asks for go
 * first. In the end only what the trees lead to is left.
 *
 * <p>Invariant: from the beginning all frames of the image count as changed, so a checkpoint has them all, whoever
 * reads them.
 */
final class ImageFill implements ImageArrival {

    private static final long PAUSE_NANOS = 100_000;
    private static final long PAUSE_WITHOUT_MEMORY_NANOS = 5_000_000;

    private final Engine engine;
    private final BufferManager buffers;
    private final ArrivingFrames frames;
    private final FrameSource source;
    private final long epoch;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopped;
    private volatile boolean neededWhole;
    private volatile Thread thread;
    private volatile RuntimeException failure;

    /** Takes over a database with the trees of the catalog, which has no frames yet, and the source. */
    ImageFill(Engine engine, ImageCatalog catalog, ArrivingFrames frames, FrameSource source) {
        this.engine = engine;
        this.buffers = engine.core().buffers();
        this.frames = frames;
        this.source = source;
        this.epoch = catalog.epoch();
        buffers.adoptBlobIds(frames.blobIds(), Math.max(1, frames.blobIds().length()));
        frames.given().stream().forEach(blobId -> buffers.dirty().markChanged(blobId, epoch));
    }

    @Override
    public HoltDb db() {
        return engine;
    }

    @Override
    public synchronized void start(Listener listener) {
        if (thread != null || stopped) {
            throw new IllegalStateException("the arrival of the image was started, or its database was closed");
        }
        thread = Thread.ofPlatform().daemon().name("holt-image-fill").unstarted(() -> run(listener));
        frames.readInTurnBy(thread);
        thread.start();
    }

    private void run(Listener listener) {
        RuntimeException cause = null;
        try {
            fill();
        } catch (RuntimeException e) {
            cause = e;
        } catch (Error e) {
            cause = new IllegalStateException("reading the frames of an image failed", e);
        }
        failure = stopped ? new HoltClosedException("database") : cause;
        try {
            if (failure == null) {
                source.close();
            }
        } finally {
            ended.countDown();
        }
        if (!stopped && cause != null) {
            listener.failed(cause);
        } else if (!stopped) {
            listener.complete();
        }
    }

    private void fill() {
        int[] order = source.blobIds();
        for (int blobId : order) {
            if (frames.given().get(blobId) && source.want(blobId) == Want.RECORDS) {
                read(blobId);
            }
        }
        if (stopped) {
            return;
        }
        BitSet reached = frames.reached();
        // A checkpoint under way would look for what is freed here.
        engine.betweenCheckpoints(() -> freeOthers(reached));
        for (int blobId : order) {
            read(blobId);
        }
        if (!stopped) {
            source.allRead();
        }
        frames.complete();
    }

    private void freeOthers(BitSet reached) {
        BitSet others = (BitSet) frames.blobIds().clone();
        others.andNot(reached);
        others.stream()
                .takeWhile(blobId -> !stopped)
                .forEach(blobId -> engine.core().drop().freeAlone(blobId, epoch + 1));
    }

    private void read(int blobId) {
        while (!stopped && frames.isMissing(blobId)) {
            // As long as nobody needs them all: those who wait for single frames see to it that there are ever fewer.
            if (neededWhole ? frames.areWaitedFor() : frames.wereWaitedFor()) {
                LockSupport.parkNanos(PAUSE_NANOS);
                continue;
            }
            try {
                buffers.readAhead(blobId);
            } catch (MemoryBudgetException e) {
                // Others hold it all just now; whoever asks for this frame is told so.
                LockSupport.parkNanos(PAUSE_WITHOUT_MEMORY_NANOS);
            }
        }
    }

    @Override
    public long framesMissing() {
        return frames.missingCount();
    }

    @Override
    public FrameDigest digest(int blobId) {
        return frames.digest(blobId);
    }

    @Override
    public void await() throws InterruptedException {
        if (thread == null && !stopped) {
            throw new IllegalStateException("the arrival of the image was not started");
        }
        neededWhole = true;
        ended.await();
        RuntimeException cause = failure;
        if (cause != null) {
            throw cause;
        }
    }

    /** Returns when all frames are there; errors as {@link #await}. */
    void finish() {
        neededWhole = true;
        synchronized (this) {
            if (thread == null && !stopped) {
                start(IGNORED);
            }
        }
        join();
        RuntimeException cause = failure;
        if (cause != null) {
            throw cause;
        }
    }

    private static final Listener IGNORED = new Listener() {
        @Override
        public void complete() {
            // Whoever finishes is told by its return.
        }

        @Override
        public void failed(RuntimeException cause) {
            // Nor is this swallowed: it is thrown.
        }
    };

    /** Reads no more; returns when nobody does. Idempotent. */
    void stop() {
        synchronized (this) {
            stopped = true;
            source.close();
            if (thread == null) {
                failure = new HoltClosedException("database");
                ended.countDown();
            }
        }
        join();
    }

    private void join() {
        Thread reader = thread;
        boolean interrupted = false;
        while (reader != null && reader != Thread.currentThread() && reader.isAlive()) {
            try {
                reader.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
