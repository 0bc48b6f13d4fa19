package io.holt.internal.checkpoint;

import io.holt.api.FrameDigest;
import io.holt.internal.art.FrameBounds;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.memory.Crc32c;
import io.holt.internal.memory.Memory;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Digests of the blocks of a sealed frame image.
 *
 * <p>A block is hashed twice as in UMAC (Black, Halevi, Krawczyk, Krovetz, Rogaway 1999, the function NH): a random
 * word of a key is added to each word of the block, and the products of the two halves of each are summed up. For two
 * different blocks, whatever they hold, a random key makes such sums equal in at most two of 2^32 cases: fix one half
 * of the key of a word that differs, then the difference of the products is linear in the other half, and a carry
 * makes two solutions of one. With two keys that is 2^-62. To mix both sums down to 64 bits adds 2^-64, as far as the
 * mixer is like a random function. A million changed blocks a second for ten years are 2^48.
 *
 * <p>Invariant: a block of a page that a frame does not use differs from every block that is used, so a page that comes
 * into use counts as changed, whatever it holds.
 */
final class BlockDigests implements FrameDigest {

    static final int BLOCK_BYTES = 512;
    static final int BLOCKS = FrameHeader.FRAME_BYTES / BLOCK_BYTES;
    static final int BLOCKS_PER_PAGE = FrameHeader.PAGE_BYTES / BLOCK_BYTES;

    private static final int WORDS = BLOCK_BYTES / Long.BYTES;
    private static final int[] NO_CHECKSUMS = {};
    private static final long[][] ALL_UNKNOWN = new long[FrameHeader.PAGES][];

    /** In place of the digests of a page that did not change since a form of which only the pages' epochs are known. */
    private static final long[] UNKNOWN = new long[BLOCKS_PER_PAGE];

    /** Two words for each of a block. */
    private static final long[] KEY = new SecureRandom().longs(2 * WORDS).toArray();

    private static final long LOW_HALF = 0xFFFF_FFFFL;

    static {
        Arrays.fill(ALL_UNKNOWN, UNKNOWN);
    }

    private final int blobId;
    private final long epoch;

    /** Of each page those of its blocks, null if it is not in use; shared with other forms in which it is the same. */
    private final long[][] digests;

    /** The checksums of all pages but the first, 0 of unused ones. */
    private final int[] checksums;

    private byte[] lowestPrefix;
    private byte[] highestPrefix;

    private BlockDigests(long image, long[][] digests, int[] checksums) {
        this.blobId = FrameHeader.blobId(image);
        this.epoch = FrameHeader.epoch(image);
        this.digests = digests;
        this.checksums = checksums;
    }

    private BlockDigests(long image) {
        this(image, new long[FrameHeader.PAGES][], new int[FrameHeader.PAGES]);
    }

    /** What is known of an image without reading it: what changes later is known by the epochs of pages alone. */
    static BlockDigests ofPages(long image) {
        return new BlockDigests(image, ALL_UNKNOWN, NO_CHECKSUMS).withBounds(image);
    }

    /**
     * Seals a trimmed image, and takes its digests. Pages whose epochs say that they did not change since the earlier
     * form are not looked at, nor need they be there; a page whose blocks are as they were has the checksum it had.
     *
     * @param before of an earlier form of the frame, or null
     */
    static BlockDigests seal(long image, BlockDigests before) {
        BlockDigests sealed = new BlockDigests(image);
        BitSet changed = sealed.takeOver(image, before);
        int innerEnd = FrameHeader.innerEndPage(image);
        int leafStart = Math.max(innerEnd, FrameHeader.leafStartPage(image));
        changed.clear(0);
        changed.clear(innerEnd, leafStart);
        Arrays.fill(sealed.digests, innerEnd, leafStart, null);
        Arrays.fill(sealed.checksums, innerEnd, leafStart, 0);
        Crc32c crc = new Crc32c();
        for (int page = changed.nextSetBit(0); page >= 0; page = changed.nextSetBit(page + 1)) {
            boolean same = sealed.digestPage(image, page, before);
            sealed.checksums[page] = same ? before.checksums[page] : FrameImage.pageCrc(crc, image, page);
        }
        assert !Memory.CHECKED || sealed.isTrue(image) : "a page of blob " + sealed.blobId + " changed without a mark";
        sealed.sealAgain(image);
        sealed.digestPage(image, 0, null);
        // Without a change of an inner node; then these are not in the image either.
        boolean sameBounds = before != null && changed.get(0, innerEnd).isEmpty();
        return sameBounds ? sealed.withBounds(before) : sealed.withBounds(image);
    }

    /** Takes what is known of pages that did not change, and answers those that did. */
    private BitSet takeOver(long image, BlockDigests before) {
        if (before == null) {
            BitSet all = new BitSet(FrameHeader.PAGES);
            all.set(0, FrameHeader.PAGES);
            return all;
        }
        System.arraycopy(before.digests, 0, digests, 0, digests.length);
        System.arraycopy(before.checksums, 0, checksums, 0, before.checksums.length);
        BitSet changed = PageEpochs.changedSince(image, before.epoch);
        for (int page = changed.nextClearBit(1); page < FrameHeader.PAGES; page = changed.nextClearBit(page + 1)) {
            if (digests[page] == UNKNOWN) {
                // Whenever a frame that is not known was sealed, the page was as it is.
                checksums[page] = FrameImage.checksum(image, page);
            }
        }
        return changed;
    }

    /** Whether a whole image matches the checksums. */
    private boolean isTrue(long image) {
        Crc32c crc = new Crc32c();
        for (int page = 1; page < FrameHeader.PAGES; page++) {
            boolean used = FrameImage.isUsed(image, page);
            if (checksums[page] != (used ? FrameImage.pageCrc(crc, image, page) : 0)
                    || used != (digests[page] != null)) {
                return false;
            }
        }
        return true;
    }

    /** Digests of a sealed image. */
    static BlockDigests of(long image) {
        BlockDigests sealed = new BlockDigests(image);
        for (int page = 0; page < FrameHeader.PAGES; page++) {
            if (FrameImage.isUsed(image, page)) {
                sealed.digestPage(image, page, null);
            }
            sealed.checksums[page] = FrameImage.checksum(image, page);
        }
        return sealed.withBounds(image);
    }

    /** Makes a trimmed image of the frame that these are the digests of a sealed one. */
    void sealAgain(long image) {
        for (int page = 1; page < FrameHeader.PAGES; page++) {
            FrameImage.checksum(image, page, checksums[page]);
        }
        FrameImage.sealHeader(image, new Crc32c());
    }

    /** What these are the digests of was not written after all: every block of the blob's next form is a change. */
    void forget() {
        Arrays.fill(digests, UNKNOWN);
    }

    private BlockDigests withBounds(BlockDigests before) {
        lowestPrefix = before.lowestPrefix;
        highestPrefix = before.highestPrefix;
        return this;
    }

    private BlockDigests withBounds(long image) {
        lowestPrefix = FrameBounds.lowest(image);
        highestPrefix = FrameBounds.highest(image);
        return this;
    }

    /** Takes the digests of a page's blocks; answers whether all are as they were. */
    private boolean digestPage(long image, int page, BlockDigests before) {
        long[] known = before == null ? null : before.digests[page];
        long[] blocks = new long[BLOCKS_PER_PAGE];
        for (int block = 0; block < BLOCKS_PER_PAGE; block++) {
            blocks[block] = digest(image + (long) page * FrameHeader.PAGE_BYTES + (long) block * BLOCK_BYTES);
        }
        digests[page] = blocks;
        return known != null && known != UNKNOWN && Arrays.equals(known, blocks);
    }

    private static long digest(long block) {
        long[] key = KEY;
        long first = 0;
        long second = 0;
        for (int i = 0; i < WORDS; i++) {
            long word = Memory.getLong(block + ((long) i << 3));
            long a = word + key[i];
            long b = word + key[WORDS + i];
            first += (a & LOW_HALF) * (a >>> Integer.SIZE);
            second += (b & LOW_HALF) * (b >>> Integer.SIZE);
        }
        return mix(mix(first) + second);
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

    /** A bound of {@link FrameBounds}; the array itself. */
    byte[] lowestPrefix() {
        return lowestPrefix;
    }

    /** A bound of {@link FrameBounds}; the array itself. */
    byte[] highestPrefix() {
        return highestPrefix;
    }

    /** The used blocks that are not as they were, or not known to be. */
    BitSet changedSince(BlockDigests before) {
        BitSet changed = new BitSet(BLOCKS);
        for (int page = 0; page < FrameHeader.PAGES; page++) {
            long[] now = digests[page];
            long[] then = before.digests[page];
            if (now == null || now == then) {
                continue;
            }
            boolean known = now != UNKNOWN && then != UNKNOWN && then != null;
            for (int block = 0; block < BLOCKS_PER_PAGE; block++) {
                if (!known || now[block] != then[block]) {
                    changed.set(page * BLOCKS_PER_PAGE + block);
                }
            }
        }
        return changed;
    }
}
