package io.holt.api;

/** The I/O engine that was asked for can't be had on this machine. */
public final class IoEngineUnavailableException extends HoltException {

    private static final long serialVersionUID = 1L;

    /** @param remedy what else may be chosen */
    public IoEngineUnavailableException(IoEngineKind kind, String reason, String remedy, Throwable cause) {
        super("I/O engine " + kind + " can't be used: " + reason + "; " + remedy, cause);
    }
}
