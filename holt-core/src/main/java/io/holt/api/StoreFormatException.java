package io.holt.api;

/** A directory or file is not of this engine, is of a newer format, or is missing. */
public final class StoreFormatException extends HoltException {

    private static final long serialVersionUID = 1L;

    public StoreFormatException(String path, String problem, String remedy) {
        super(path + ": " + problem + "; " + remedy);
    }
}
