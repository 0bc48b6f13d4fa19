package io.holt.internal.buffer;

/** What a frame is read in for. */
enum LoadPurpose {
    /** Somebody asked for it. */
    USE,
    /** A scan asked for it, which will not come back. */
    SCAN,
    /** Nobody did yet. */
    AHEAD
}
