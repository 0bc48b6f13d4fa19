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
            case URING -> throw unavailable(kind, "it is not part of this build", null);
            case PREAD -> pread();
            case CHANNEL -> new ChannelEngine();
        };
    }

    private static IoEngine choose() {
        try {
            IoEngine engine = pread();
            LOG.info("I/O engine {}", engine.name());
            return engine;
        } catch (IoEngineUnavailableException e) {
            LOG.info("I/O engine channel, because: {}", e.getMessage());
            return new ChannelEngine();
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
