package io.holt.api;

/** An option has a value that can't be used. Nothing was opened. */
public final class InvalidOptionException extends HoltException {

    private static final long serialVersionUID = 1L;

    /**
     * @param option name of the option
     * @param value what it was set to
     * @param remedy what may be given
     */
    public InvalidOptionException(String option, String value, String remedy) {
        super("option " + option + " can't be " + value + "; " + remedy);
    }
}
