package io.holt.api;

/** Bytes on disk are not those that were written. They were not used; the database reports and returns no guess. */
public final class CorruptDataException extends HoltException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;

    /**
     * @param file path of the damaged file
     * @param offset byte offset in the file
     * @param problem what was found there, naming blob and page if it is one
     */
    public CorruptDataException(String file, long offset, String problem) {
        super(file + " is damaged at byte offset " + offset + ": " + problem
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
