package io.holt.api;

/** The write-ahead log is damaged before its end: records that were acknowledged can't be read. Nothing was changed. */
public final class CorruptLogException extends HoltException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;

    /**
     * @param file path of the damaged log segment
     * @param offset byte offset of the first damaged record
     * @param problem what was found there
     */
    public CorruptLogException(String file, long offset, String problem) {
        super("log " + file + " is damaged at byte offset " + offset + ": " + problem
                + "; nothing was changed; restore the directory from a backup");
        this.file = file;
        this.offset = offset;
    }

    public String file() {
        return file;
    }

    public long offset() {
        return offset;
    }
}
