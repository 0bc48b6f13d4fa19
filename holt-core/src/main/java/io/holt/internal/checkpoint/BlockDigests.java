package io.holt.internal.checkpoint;

import io.holt.api.FrameDigest;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import java.security.SecureRandom;
import java.util.BitSet;

/**
 * Digests of the blocks of a sealed frame image.
 *
 * <p>A block is hashed as in UMAC (Black, Halevi, Krawczyk, Krovetz, Rogaway 1999, the function NH): the sum of the
 * 128-bit products of pairs of words, to each of which a random word of the key is added. For any two different
 * blocks of the same length a secret key makes these sums equal with a probability of at most 2^-64; here the upper
 * and the lower halves are summed apart, without a carry, so it is 2^-63. Mixing 128 bits down to 64 adds 2^-64 as
 * far as the mixer behaves like a random function. A million changed blocks a second for ten years are 2^48.
 *
 * <p>Invariant: a block of a page that a frame does not use differs from every block that is used, so a page that comes
 * into use counts as changed, whatever it holds.
 */
final class BlockDigests implements FrameDigest {

    static final int BLOCK_BYTES = 512;
    static final int BLOCKS = FrameHeader.FRAME_BYTES / BLOCK_BYTES;
    static final int BLOCKS_PER_PAGE = FrameHeader.PAGE_BYTES / BLOCK_BYTES;

    private static final int WORDS = BLOCK_BYTES / Long.BYTES;
    private static final long UNUSED = 0;

    /** A word for each of a block, and one more to mix with. */
    private static final long[] KEY = new SecureRandom().longs(WORDS + 1).toArray();

    private final int blobId;
    private final long epoch;
    private final long[] digests;

    private BlockDigests(int blobId, long epoch, long[] digests) {
        this.blobId = blobId;
        this.epoch = epoch;
        this.digests = digests;
    }

    /** Digests of a sealed image. */
    static BlockDigests of(long image) {
        long[] digests = new long[BLOCKS];
        add(image, 0, FrameHeader.innerEndPage(image), digests);
        add(image, FrameRecordDescriptor.leafPage(image), FrameHeader.PAGES, digests);
        return new BlockDigests(FrameHeader.blobId(image), FrameHeader.epoch(image), digests);
    }

    private static void add(long image, int fromPage, int toPage, long[] digests) {
        for (int block = fromPage * BLOCKS_PER_PAGE; block < toPage * BLOCKS_PER_PAGE; block++) {
            long digest = digest(image + (long) block * BLOCK_BYTES);
            digests[block] = digest == UNUSED ? 1 : digest;
        }
    }

    private static long digest(long block) {
        long[] key = KEY;
        long low = 0;
        long high = 0;
        for (int i = 0; i < WORDS; i += 2) {
            long a = Memory.getLong(block + (long) i * Long.BYTES) + key[i];
            long b = Memory.getLong(block + (long) i * Long.BYTES + Long.BYTES) + key[i + 1];
            low += a * b;
            high += Math.multiplyHigh(a, b);
        }
        return mix(mix(low ^ key[WORDS]) + high);
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    @Override
    public int blobId() {
        return blobId;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /** The used blocks that are not as they were. */
    BitSet changedSince(BlockDigests before) {
        BitSet changed = new BitSet(BLOCKS);
        for (int block = 0; block < BLOCKS; block++) {
            if (digests[block] != before.digests[block] && digests[block] != UNUSED) {
                changed.set(block);
            }
        }
        return changed;
    }
}
