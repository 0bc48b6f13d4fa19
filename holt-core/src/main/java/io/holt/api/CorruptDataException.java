package io.holt.api;

/** Bytes on disk are not those that were written. They were not used; the database reports and returns no guess. */
public final class CorruptDataException extends HoltException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final String problem;

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
        this.problem = problem;
    }

    /**
     * Of a frame of an image.
     *
     * @param source where the image keeps the frame
     * @param cause what was found there
     */
    public static CorruptDataException ofFrame(String source, Exception cause) {
        String problem = cause instanceof CorruptDataException corrupt ? corrupt.problem : cause.getMessage();
        return new CorruptDataException(source, problem, cause);
    }

    private CorruptDataException(String source, String problem, Exception cause) {
        super(source + " is damaged: " + problem + "; nothing of it was used; restore an older image", cause);
        this.file = source;
        this.offset = 0;
        this.problem = problem;
    }

    public String file() {
        return file;
    }

    public long offset() {
        return offset;
    }
}
