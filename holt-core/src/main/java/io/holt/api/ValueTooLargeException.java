package io.holt.api;

/** A value is longer than {@link TreeView#MAX_VALUE_BYTES}. Nothing was changed. */
public final class ValueTooLargeException extends HoltException {

    private static final long serialVersionUID = 1L;

    public ValueTooLargeException(long valueBytes) {
        super("a value has at most " + TreeView.MAX_VALUE_BYTES + " bytes, this one has " + valueBytes
                + "; nothing was changed");
    }
}
