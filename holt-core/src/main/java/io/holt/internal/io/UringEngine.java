package io.holt.internal.io;

import io.holt.api.IoEngineKind;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** io_uring by system calls: batches with many requests in flight, registered files and buffers. */
final class UringEngine extends PreadEngine {

    private static final Logger LOG = LoggerFactory.getLogger(UringEngine.class);

    private final Rings rings;
    private volatile String buffers = "plain";
    private boolean closed;

    private UringEngine(Rings rings) {
        this.rings = rings;
    }

    /** @throws RingRefusedException if the kernel grants no ring */
    static UringEngine open(RingCalls calls) throws RingRefusedException {
        return new UringEngine(Rings.open(calls));
    }

    @Override
    public IoEngineKind kind() {
        return IoEngineKind.URING;
    }

    @Override
    public IoFile open(Path file, OpenMode mode, Caching caching) {
        return new UringFile(PosixFile.open(file, mode, caching), caching, rings);
    }

    @Override
    public void registerBuffers(long[] addresses, long bytes) {
        int[] refusals = {0, 0};
        rings.each(ring -> {
            int rc = ring.registerBuffers(addresses, bytes);
            if (rc < 0) {
                refusals[0]++;
                refusals[1] = -rc;
            }
        });
        if (refusals[0] == 0) {
            buffers = "registered";
            LOG.debug("I/O buffers registered with io_uring: {} of {} bytes", addresses.length, bytes);
            return;
        }
        String reason =
                RingRefusedException.of("io_uring_register", refusals[1]).getMessage();
        String rings = refusals[0] < this.rings.count() ? " by some of the rings" : "";
        buffers = "refused" + rings + ": " + reason;
        LOG.info("I/O buffers are not registered with io_uring{}, requests name their memory: {}", rings, reason);
    }

    @Override
    public String buffers() {
        return buffers;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            rings.each(Ring::close);
        }
    }
}
