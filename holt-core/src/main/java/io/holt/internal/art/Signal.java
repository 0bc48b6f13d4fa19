package io.holt.internal.art;

/**
 * What an operation on one frame answers, packed in a long: a code in the upper half, a unit or a blob id in the
 * lower one. So nothing is allocated, and the caller decides what crossing, splitting or restarting means.
 */
public final class Signal {

    /** The key is there; payload: unit of its leaf. */
    public static final int FOUND = 1;

    /** The key is not in this frame, nor below it. */
    public static final int ABSENT = 2;

    /** The path goes on in another frame; payload: its blob id. */
    public static final int CROSS = 3;

    /** The frame has no room; nothing was changed. */
    public static final int FULL = 4;

    /** The key was not there and its leaf is now; payload: unit of the leaf, whose value is the caller's to write. */
    public static final int INSERTED = 5;

    /** The key was there and its leaf may have moved; payload: unit of the leaf, whose value is to be written. */
    public static final int REPLACED = 6;

    /** The key's value lies in value frames, which must be freed first; nothing was changed; payload: the leaf. */
    public static final int LARGE = 7;

    /** The leaf was removed; payload: how many edges the root has left. */
    public static final int ERASED = 8;

    /** The bytes make no sense, as torn ones may; only an optimistic reader sees this. */
    public static final int TORN = 9;

    private Signal() {}

    public static long of(int code, int payload) {
        return ((long) code << 32) | (payload & 0xFFFFFFFFL);
    }

    public static int code(long signal) {
        return (int) (signal >>> 32);
    }

    public static int payload(long signal) {
        return (int) signal;
    }
}
