package io.holt.flink.snapshot;

/**
 * What one checkpoint wrote.
 *
 * @param frames frames it has
 * @param uploadedFrames those of them that were written for it
 * @param uploadedBytes bytes written for it
 * @param packs packs its frames are in
 */
public record UploadFigures(long frames, long uploadedFrames, long uploadedBytes, long packs) {}
