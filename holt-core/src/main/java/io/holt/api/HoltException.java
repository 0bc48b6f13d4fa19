package io.holt.api;

/**
 * The root of all that a database throws for reasons outside the program's text. A message says where, what state
 * the operation is in, and what to do.
 */
public abstract sealed class HoltException extends RuntimeException
        permits BatchConflictException,
                BulkLoadOrderException,
                CorruptDataException,
                CorruptLogException,
                HoltClosedException,
                HoltIoException,
                InvalidOptionException,
                IoEngineUnavailableException,
                KeyTooLongException,
                MemoryBudgetException,
                ReadOnlyException,
                StoreFormatException,
                StoreInUseException,
                TreeDroppedException,
                ValueTooLargeException {

    private static final long serialVersionUID = 1L;

    HoltException(String message) {
        super(message);
    }

    HoltException(String message, Throwable cause) {
        super(message, cause);
    }
}
