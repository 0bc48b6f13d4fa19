package io.holt.flink.snapshot;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * Where the pieces of a frame are: the frame as it once was, then its changes since, the oldest first. At least one.
 * Immutable, and in three arrays: a checkpoint goes over the pieces of all frames, and objects of their own would lie
 * anywhere on the heap.
 */
public final class FramePieces extends AbstractList<FramePiece> implements RandomAccess {

    private static final FramePieces NONE = new FramePieces(new Pack[0], new long[0], new int[0]);

    private final Pack[] packs;
    private final long[] offsets;
    private final int[] bytes;
    private final long changesBytes;

    private FramePieces(Pack[] packs, long[] offsets, int[] bytes) {
        this.packs = packs;
        this.offsets = offsets;
        this.bytes = bytes;
        long sum = 0;
        for (int i = 1; i < bytes.length; i++) {
            sum += bytes[i];
        }
        this.changesBytes = sum;
    }

    /** Pieces in this order. */
    static FramePieces of(List<FramePiece> pieces) {
        return new FramePieces(
                pieces.stream().map(FramePiece::pack).toArray(Pack[]::new),
                pieces.stream().mapToLong(FramePiece::offset).toArray(),
                pieces.stream().mapToInt(FramePiece::bytes).toArray());
    }

    /** Pieces in this order. */
    static FramePieces of(FramePiece... pieces) {
        return of(Arrays.asList(pieces));
    }

    /** A frame that is written whole: no piece before. */
    static FramePieces none() {
        return NONE;
    }

    /** These and one more. */
    FramePieces and(Pack pack, long offset, int length) {
        int count = packs.length;
        Pack[] morePacks = Arrays.copyOf(packs, count + 1);
        long[] moreOffsets = Arrays.copyOf(offsets, count + 1);
        int[] moreBytes = Arrays.copyOf(bytes, count + 1);
        morePacks[count] = pack;
        moreOffsets[count] = offset;
        moreBytes[count] = length;
        return new FramePieces(morePacks, moreOffsets, moreBytes);
    }

    /** Whether these are others and some more. */
    boolean continues(FramePieces others) {
        if (packs == others.packs) {
            return true;
        }
        int count = others.size();
        return count <= size()
                && Arrays.equals(packs, 0, count, others.packs, 0, count)
                && Arrays.equals(offsets, 0, count, others.offsets, 0, count);
    }

    Pack pack(int index) {
        return packs[index];
    }

    long offset(int index) {
        return offsets[index];
    }

    int bytes(int index) {
        return bytes[index];
    }

    /** Bytes of all pieces but the first. */
    long changesBytes() {
        return changesBytes;
    }

    @Override
    public FramePiece get(int index) {
        return new FramePiece(packs[index], offsets[index], bytes[index]);
    }

    @Override
    public int size() {
        return packs.length;
    }
}
