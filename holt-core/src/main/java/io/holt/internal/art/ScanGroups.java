package io.holt.internal.art;

/**
 * Which keys of a scan form a group, of which only the first one in the scan's direction is wanted: those that share a
 * number of first bytes, or all up to the first delimiter behind a number of first bytes. For one scan after the other;
 * one thread at a time.
 */
public final class ScanGroups {

    /** In place of a group's length: the key is in no group. */
    public static final int NONE = Integer.MAX_VALUE;

    private static final int NO_DELIMITER = -1;

    private int fixedBytes = NONE;
    private int delimiter = NO_DELIMITER;
    private int from;

    /** All keys are wanted. */
    public void none() {
        fixedBytes = NONE;
        delimiter = NO_DELIMITER;
    }

    /** A group is all keys that share so many first bytes, 1 or more; shorter keys are in none. */
    public void distinct(int bytes) {
        none();
        fixedBytes = bytes;
    }

    /** A group is all keys that share what they have up to and with the first such byte behind the first bytes. */
    public void delimited(byte by, int firstBytes) {
        none();
        delimiter = by & 0xFF;
        from = firstBytes;
    }

    public boolean isActive() {
        return fixedBytes != NONE || delimiter != NO_DELIMITER;
    }

    /** How many first bytes of a key, or of a path, name its group; NONE if there are not as many. */
    public int bytesOf(byte[] array, int offset, int bytes) {
        if (delimiter == NO_DELIMITER) {
            return bytes >= fixedBytes ? fixedBytes : NONE;
        }
        for (int i = from; i < bytes; i++) {
            if (array[offset + i] == (byte) delimiter) {
                return i + 1;
            }
        }
        return NONE;
    }
}
