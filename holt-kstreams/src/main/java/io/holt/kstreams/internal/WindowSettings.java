package io.holt.kstreams.internal;

/**
 * What a window store was asked to be.
 *
 * @param segments how long it keeps its windows
 * @param windowMillis the length of a window
 * @param retainsDuplicates whether records of the same key and window are kept beside one another
 */
public record WindowSettings(SegmentSettings segments, long windowMillis, boolean retainsDuplicates) {}
