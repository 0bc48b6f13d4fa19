package io.holt.flink.snapshot;

/**
 * A frame, or changes of one, in a pack.
 *
 * @param offset where it begins
 * @param bytes its length there, compressed if checkpoints are
 */
public record FramePiece(Pack pack, long offset, int bytes) {}
