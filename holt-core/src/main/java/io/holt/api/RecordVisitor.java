package io.holt.api;

/** Gets the records of a scan one by one, in place. */
@FunctionalInterface
public interface RecordVisitor {

    /**
     * One record. The arrays are valid until this returns and must not be written to; they may change from record to
     * record.
     *
     * @param values holds the value; empty for a scan of keys only, whose {@code valueBytes} are 0
     * @return whether to go on
     */
    boolean visit(byte[] keys, int keyOffset, int keyBytes, byte[] values, int valueOffset, int valueBytes);
}
