package io.holt.internal.wal;

/**
 * Whether what a whole record holds can be what its type says. Its checksum is right, so this finds what a program with
 * a fault wrote; whoever applies a record may rely on it.
 */
final class RecordShape {

    private static final int LONGEST_KEY_BYTES = 65_535;

    private RecordShape() {}

    /** What is wrong with a record, or null. */
    static String problem(int type, int keyBytes, byte[] value, int valueOffset, int valueBytes) {
        return switch (type) {
            case WalRecord.PUT_VERSIONED -> keyBytes < Long.BYTES ? "a version is missing" : null;
            case WalRecord.RENAME ->
                valueBytes < Long.BYTES || valueBytes > WalRecord.MAX_KEY_BYTES
                        ? "a new key of " + (valueBytes - Long.BYTES) + " bytes can't be"
                        : tooLong(keyBytes);
            case WalRecord.BATCH -> BatchRecord.problem(value, valueOffset, valueBytes);
            default -> tooLong(keyBytes);
        };
    }

    private static String tooLong(int keyBytes) {
        return keyBytes > LONGEST_KEY_BYTES ? "a key of " + keyBytes + " bytes can't be" : null;
    }
}
