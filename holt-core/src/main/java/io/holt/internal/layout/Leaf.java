package io.holt.internal.layout;

import io.holt.internal.memory.Memory;

/**
 * A record.
 *
 * <pre>
 *      0       1       2       3       4       5       6       7
 * 0 | type  | flags | key bytes     | value bytes                   |
 * 8 | key without the frame's base path, then the version (8 bytes) |
 *   | of a record that has one, then the value                      |
 * </pre>
 *
 * <p>A value over {@link #MAX_INLINE_VALUE_BYTES} lies in value frames: the flag {@link #LARGE} is set, "value bytes"
 * is its whole length, and in place of the value stand the 4-byte blob ids of its frames, in order.
 */
public final class Leaf {

    public static final int HEADER_BYTES = 8;
    public static final int MAX_INLINE_VALUE_BYTES = 65_536;

    /** Flag: the value lies in value frames. */
    public static final int LARGE = 1;

    /** Flag: 8 bytes between key and value are the record's version. */
    public static final int VERSIONED = 2;

    public static final int VERSION_BYTES = 8;

    /** Bytes of a value in one value frame. */
    public static final int LARGE_PART_BYTES = FrameHeader.BODY_BYTES;

    private Leaf() {}

    public static long header(int flags, int keyBytes, int valueBytes) {
        return NodeType.LEAF | ((long) flags << 8) | ((long) keyBytes << 16) | ((long) valueBytes << 32);
    }

    public static int flags(long header) {
        return (int) (header >>> 8) & 0xFF;
    }

    public static boolean isLarge(long header) {
        return (header & (LARGE << 8)) != 0;
    }

    public static int keyBytes(long header) {
        return (int) (header >>> 16) & 0xFFFF;
    }

    public static int valueBytes(long header) {
        return (int) (header >>> 32);
    }

    public static long key(long leaf) {
        return leaf + HEADER_BYTES;
    }

    public static boolean isVersioned(long header) {
        return (header & (VERSIONED << 8)) != 0;
    }

    /** Where the version is, if the record has one; else where its value starts. */
    public static long tail(long leaf, long header) {
        return leaf + HEADER_BYTES + keyBytes(header);
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
        return (HEADER_BYTES + keyBytes + tailBytes(flags, valueBytes) + 7) >>> FrameHeader.UNIT_SHIFT;
    }

    public static int units(long header) {
        return units(flags(header), keyBytes(header), valueBytes(header));
    }

    /** Header of the leaf at an address. */
    public static long headerAt(long leaf) {
        return Memory.getLong(leaf);
    }
}
