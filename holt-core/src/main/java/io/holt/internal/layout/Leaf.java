package io.holt.internal.layout;

import io.holt.internal.memory.Memory;

/**
 * A record. Short, if neither key nor value is over 255 bytes, or long; which of them follows from the lengths alone.
 *
 * <pre>
 *           0       1       2       3       4       5       6       7
 * short 0 | type  | flags | key   | value | key without the frame's base path, then as below
 *
 * long  0 | type  | flags | key bytes     | value bytes                   |
 *       8 | key without the frame's base path, then the version (8 bytes) |
 *         | of a record that has one, then the value                      |
 * </pre>
 *
 * <p>A value over {@link #MAX_INLINE_VALUE_BYTES} lies in value frames: the flag {@link #LARGE} is set, "value bytes"
 * is its whole length, and in place of the value stand the 4-byte blob ids of its frames, in order.
 *
 * <p>A header is read as a long: of a short one the upper half is what follows it.
 */
public final class Leaf {

    public static final int SHORT_HEADER_BYTES = 4;
    public static final int LONG_HEADER_BYTES = 8;
    public static final int MAX_INLINE_VALUE_BYTES = 65_536;

    /** Longest key, without the base path, and longest value of a short leaf. */
    public static final int MAX_SHORT_BYTES = 255;

    /** Flag: the value lies in value frames. */
    public static final int LARGE = 1;

    /** Flag: 8 bytes between key and value are the record's version. */
    public static final int VERSIONED = 2;

    /** Flag: the header is a short one. Set and cleared here alone, never by those who name a record's flags. */
    public static final int SHORT = 4;

    public static final int VERSION_BYTES = 8;

    /** Bytes of a value in one value frame. */
    public static final int LARGE_PART_BYTES = FrameHeader.BODY_BYTES;

    private static final long SHORT_BIT = SHORT << 8;

    private Leaf() {}

    public static long header(int flags, int keyBytes, int valueBytes) {
        if (isShort(flags, keyBytes, valueBytes)) {
            return NodeType.LEAF | ((flags | SHORT) << 8) | (keyBytes << 16) | ((long) valueBytes << 24);
        }
        return NodeType.LEAF | ((long) flags << 8) | ((long) keyBytes << 16) | ((long) valueBytes << 32);
    }

    private static boolean isShort(int flags, int keyBytes, int valueBytes) {
        return (flags & LARGE) == 0 && keyBytes <= MAX_SHORT_BYTES && valueBytes <= MAX_SHORT_BYTES;
    }

    /** Whether a record's header is a short one. */
    public static boolean isShort(long header) {
        return (header & SHORT_BIT) != 0;
    }

    /** Writes a header before a key that is there already. */
    public static void replaceHeader(long leaf, long header) {
        if (isShort(header)) {
            Memory.putInt(leaf, (int) header);
        } else {
            Memory.putLong(leaf, header);
        }
    }

    /** What the record is, without {@link #SHORT}. */
    public static int flags(long header) {
        return (int) (header >>> 8) & 0xFF & ~SHORT;
    }

    public static boolean isLarge(long header) {
        return (header & (LARGE << 8)) != 0;
    }

    // Without branches: of the bits of a header the one that says "short" becomes the distances to shift.

    public static int keyBytes(long header) {
        return (int) (header >>> 16) & (0xFFFF >>> ((header & SHORT_BIT) >>> 7));
    }

    public static int valueBytes(long header) {
        int shift = (int) (header & SHORT_BIT) >>> 7;
        return (int) (header >>> (32 - shift)) & (-1 >>> (3 * shift));
    }

    private static long headerBytes(long header) {
        return LONG_HEADER_BYTES - ((header & SHORT_BIT) >>> 8);
    }

    /** Where the key starts. */
    public static long key(long leaf, long header) {
        return leaf + headerBytes(header);
    }

    public static boolean isVersioned(long header) {
        return (header & (VERSIONED << 8)) != 0;
    }

    /** Where the version is, if the record has one; else where its value starts. */
    public static long tail(long leaf, long header) {
        return key(leaf, header) + keyBytes(header);
    }

    /** Where the value starts, or the list of its blob ids. */
    public static long value(long leaf, long header) {
        // The flag moved to the place of 8: VERSION_BYTES or 0, without a branch.
        return tail(leaf, header) + ((header & (VERSIONED << 8)) >>> 6);
    }

    /** Value frames of a large value. */
    public static int largeParts(int valueBytes) {
        return (int) (((long) valueBytes + LARGE_PART_BYTES - 1) / LARGE_PART_BYTES);
    }

    /** Bytes that follow the key in the leaf. */
    public static int tailBytes(int flags, int valueBytes) {
        int versionBytes = (flags & VERSIONED) != 0 ? VERSION_BYTES : 0;
        return versionBytes + ((flags & LARGE) != 0 ? 4 * largeParts(valueBytes) : valueBytes);
    }

    public static int units(int flags, int keyBytes, int valueBytes) {
        int headerBytes = isShort(flags, keyBytes, valueBytes) ? SHORT_HEADER_BYTES : LONG_HEADER_BYTES;
        return (headerBytes + keyBytes + tailBytes(flags, valueBytes) + 7) >>> FrameHeader.UNIT_SHIFT;
    }

    public static int units(long header) {
        return units(flags(header), keyBytes(header), valueBytes(header));
    }

    /** Header of the leaf at an address. */
    public static long headerAt(long leaf) {
        return Memory.getLong(leaf);
    }
}
