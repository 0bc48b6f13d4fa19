package io.holt.internal.io;

import io.holt.api.IoEngineKind;
import io.holt.api.IoEngineUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses an I/O engine. */
public final class IoEngines {

    private static final Logger LOG = LoggerFactory.getLogger(IoEngines.class);

    private IoEngines() {}

    /**
     * Opens an engine of this kind; for {@link IoEngineKind#AUTO} the best that works here, and says in the log which
     * that is and why it is no better one.
     *
     * @throws IoEngineUnavailableException if it is forced and can't be had
     */
    public static IoEngine open(IoEngineKind kind) {
        return switch (kind) {
            case AUTO -> choose();
            case URING -> uring(RingCalls.KERNEL);
            case PREAD -> pread();
            case CHANNEL -> new ChannelEngine();
        };
    }

    private static IoEngine choose() {
        return choose(RingCalls.KERNEL);
    }

    static IoEngine choose(RingCalls calls) {
        IoEngine engine;
        String because;
        try {
            engine = uring(calls);
            because = "";
        } catch (IoEngineUnavailableException noRing) {
            because = ", because " + noRing.getCause().getMessage();
            engine = NativeCalls.refusalReason() == null ? new PreadEngine() : new ChannelEngine();
        }
        LOG.info("I/O engine {}{}", engine.name(), because);
        return engine;
    }

    static IoEngine uring(RingCalls calls) {
        try {
            if (NativeCalls.refusalReason() != null) {
                throw new RingRefusedException(NativeCalls.refusalReason());
            }
            return UringEngine.open(calls);
        } catch (RingRefusedException e) {
            throw unavailable(IoEngineKind.URING, e.getMessage(), e);
        }
    }

    private static IoEngine pread() {
        String reason = NativeCalls.refusalReason();
        if (reason != null) {
            throw unavailable(IoEngineKind.PREAD, reason, null);
        }
        return new PreadEngine();
    }

    private static IoEngineUnavailableException unavailable(IoEngineKind kind, String reason, Throwable cause) {
        return new IoEngineUnavailableException(
                kind, reason, "choose " + IoEngineKind.AUTO + " to get the best engine that works here", cause);
    }
}
