package io.holt.internal.art;

/** Where a scan goes on, relative to the bytes of a seek position. */
public enum SeekMode {
    /** The key itself, or the next one in the scan's direction. */
    AT,
    /** Strictly beyond the key, in the scan's direction. */
    BEYOND,
    /**
     * Ascending: beyond every key that starts with the bytes. Descending: the last key that starts with the bytes, or
     * else the one before it.
     */
    PREFIX_END
}
