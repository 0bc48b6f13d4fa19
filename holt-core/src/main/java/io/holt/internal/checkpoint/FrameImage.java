package io.holt.internal.checkpoint;

import io.holt.api.CorruptDataException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Crc32c;
import io.holt.internal.memory.Memory;

/**
 * A frame as it lies on disk: its used pages, each with its CRC32C in the header; the latch word all ones.
 *
 * <p>Invariant I6: what does not match its checksum is reported, never used. The checksum of page 0 is taken with its
 * own entry zero. Entries of unused pages are zero.
 */
final class FrameImage {

    private FrameImage() {}

    /** Makes a copy of a frame in a buffer ready to be written. */
    static void seal(long image) {
        trim(image);
        Crc32c crc = new Crc32c();
        for (int page = 1; page < FrameHeader.PAGES; page++) {
            Memory.putInt(entry(image, page), isUsed(image, page) ? pageCrc(crc, image, page) : 0);
        }
        sealHeader(image, crc);
    }

    /** The part of {@link #seal} before the checksums. */
    static void trim(long image) {
        int innerEnd = FrameHeader.innerEnd(image);
        int leafStart = FrameHeader.leafStart(image);
        int innerPages = FrameHeader.innerEndPage(image);
        int leafPage = FrameHeader.leafStartPage(image);
        assert innerEnd >= FrameHeader.PAGE_BYTES && innerEnd <= leafStart && leafStart <= FrameHeader.FRAME_BYTES;
        // What is left of other frames in the ends of the two regions' last pages does not belong on disk.
        Memory.fill(image + innerEnd, Math.min(innerPages * FrameHeader.PAGE_BYTES, leafStart) - innerEnd, 0);
        int leafPageStart = Math.max(leafPage * FrameHeader.PAGE_BYTES, innerEnd);
        Memory.fill(image + leafPageStart, leafStart - leafPageStart, 0);
        Memory.putLong(image + FrameHeader.LATCH_OFFSET, FrameHeader.LATCH_ON_DISK);
    }

    /** The last part of {@link #seal}: the first page, which has the checksums of all others. */
    static void sealHeader(long image, Crc32c crc) {
        Memory.putInt(entry(image, 0), 0);
        Memory.putInt(entry(image, 0), pageCrc(crc, image, 0));
    }

    /** Whether a page of a frame is kept. */
    static boolean isUsed(long image, int page) {
        return page < FrameHeader.innerEndPage(image) || page >= FrameHeader.leafStartPage(image);
    }

    /** The checksum of a page as the first one has it. */
    static int checksum(long image, int page) {
        return Memory.getInt(entry(image, page));
    }

    /** Notes the checksum of a page. */
    static void checksum(long image, int page, int checksum) {
        Memory.putInt(entry(image, page), checksum);
    }

    /**
     * Checks a frame that was read.
     *
     * @param file path of the data file and {@code offset} of the frame in it, for the message
     * @throws CorruptDataException if it is not what {@link #seal} made of this blob
     */
    static void verify(long image, int blobId, String file, long offset) {
        verifyHeader(image, blobId, file, offset);
        Crc32c crc = new Crc32c();
        int innerPages = FrameHeader.innerEndPage(image);
        int leafPage = FrameHeader.leafStartPage(image);
        for (int page = 1; page < FrameHeader.PAGES; page++) {
            boolean used = page < innerPages || page >= leafPage;
            if (used && Memory.getInt(entry(image, page)) != pageCrc(crc, image, page)) {
                throw new CorruptDataException(
                        file,
                        offset + (long) page * FrameHeader.PAGE_BYTES,
                        "page " + page + " of blob " + blobId + " does not match its checksum");
            }
        }
    }

    /** Checks the first page alone; as {@link #verify}. */
    static void verifyHeader(long image, int blobId, String file, long offset) {
        Crc32c crc = new Crc32c();
        int stored = Memory.getInt(entry(image, 0));
        Memory.putInt(entry(image, 0), 0);
        int actual = pageCrc(crc, image, 0);
        Memory.putInt(entry(image, 0), stored);
        if (stored != actual || Memory.getInt(image + FrameHeader.MAGIC_OFFSET) != FrameHeader.MAGIC) {
            throw new CorruptDataException(file, offset, "page 0 of blob " + blobId + " does not match its checksum");
        }
        if (FrameHeader.blobId(image) != blobId) {
            throw new CorruptDataException(
                    file, offset, "blob " + blobId + " should be here, but it is blob " + FrameHeader.blobId(image));
        }
        int version = Memory.getUnsignedShort(image + FrameHeader.VERSION_OFFSET);
        if (version != FrameHeader.FORMAT_VERSION) {
            throw new CorruptDataException(
                    file,
                    offset,
                    "blob " + blobId + " is of frame format " + version + ", this version reads "
                            + FrameHeader.FORMAT_VERSION);
        }
    }

    private static long entry(long image, int page) {
        return image + FrameHeader.PAGE_CRC_OFFSET + 4L * page;
    }

    /** Computes the checksum of a page. */
    static int pageCrc(Crc32c crc, long image, int page) {
        crc.reset();
        return crc.update(image + (long) page * FrameHeader.PAGE_BYTES, FrameHeader.PAGE_BYTES)
                .value();
    }
}
