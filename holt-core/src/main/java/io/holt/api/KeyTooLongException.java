package io.holt.api;

/** A key is longer than {@link TreeView#MAX_KEY_BYTES}. Nothing was changed. */
public final class KeyTooLongException extends HoltException {

    private static final long serialVersionUID = 1L;

    public KeyTooLongException(long keyBytes) {
        super("a key has at most " + TreeView.MAX_KEY_BYTES + " bytes, this one has " + keyBytes
                + "; nothing was changed");
    }
}
