package io.holt.api;

/** The memory budget has no frame left for what was asked. Nothing was changed. */
public final class MemoryBudgetException extends HoltException {

    private static final long serialVersionUID = 1L;

    /**
     * @param operation what needed the frames
     * @param capacityBytes size of the budget
     */
    public MemoryBudgetException(String operation, long capacityBytes) {
        super("no frame is left in the memory budget of " + capacityBytes + " bytes for: " + operation
                + "; nothing was changed; delete records, close snapshots or open the database with more memory");
    }

    /**
     * Where frames would have left memory, if they could have been written.
     *
     * @param cause why they could not
     */
    public MemoryBudgetException(String operation, long capacityBytes, HoltIoException cause) {
        super(
                "no frame is left in the memory budget of " + capacityBytes + " bytes for: " + operation
                        + "; nothing was changed; no frame can leave memory, since " + cause.getMessage()
                        + "; make room on the disk, nothing else needs to be done",
                cause);
    }
}
