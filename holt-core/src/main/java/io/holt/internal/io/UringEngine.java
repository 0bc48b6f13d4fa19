package io.holt.internal.io;

import io.holt.api.IoEngineKind;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** io_uring by system calls: batches with many requests in flight, registered files and buffers. */
final class UringEngine extends PreadEngine {

    private static final Logger LOG = LoggerFactory.getLogger(UringEngine.class);

    private final Rings rings;
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
        return new UringFile(PosixFile.open(file, mode, caching), rings);
    }

    @Override
    public boolean registerSlab(long address, long bytes) {
        int[] outcome = {0, 0};
        rings.each(ring -> {
            int rc = ring.hasSlab() ? -Errno.EBUSY : ring.registerSlab(address, bytes);
            outcome[0] += rc == 0 ? 1 : 0;
            outcome[1] = rc == 0 ? outcome[1] : -rc;
        });
        if (outcome[0] == 0) {
            LOG.info(
                    "io_uring does not register the buffers, requests name their memory each time: {}",
                    RingRefusedException.of("io_uring_register", outcome[1]).getMessage());
        }
        return outcome[0] > 0;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            rings.each(Ring::close);
        }
    }
}
