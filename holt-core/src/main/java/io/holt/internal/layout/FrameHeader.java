package io.holt.internal.layout;

import io.holt.internal.memory.Memory;

/**
 * The first page of a frame. All offsets are in bytes from the start of the frame, all numbers little-endian.
 *
 * <pre>
 *         0       1       2       3       4       5       6       7
 *    0 | latch word (in memory only; on disk all ones)                 |  one cache
 *    8 | blob id                       | root unit     | root depth    |  line holds
 *   16 | epoch of the last change                                      |  all that a
 *   24 | inner end, bytes              | leaf start, bytes             |  descent
 *   32 | live inner bytes              | live leaf bytes               |  and an
 *   40 | records                       | crossings                     |  insert need
 *   48 | base path bytes | kind| flags | tree id                       |
 *   56 | LSN of the last change                                        |
 *   64 | magic "HLTF"                  | version       | reserved      |
 *   72 | free inner bytes              | free leaf bytes               |
 *   80 | payload bytes (value frames)  | reserved                      |
 *   88 | epochs of pages, see PageEpochs                               |
 *  512 | CRC32C of page 0 .. 127, 4 bytes each                         |
 * 1024 | base path, up to 2,048 bytes                                  |
 * 3072 | free lists of the inner region, by units: 128 x u16           |
 * 3328 | free lists of the leaf region, by units: 128 x u16            |
 * 3584 | reserved                                                      |
 * </pre>
 *
 * <p>The regions: inner nodes lie in [4096, inner end), leaves in [leaf start, 524288), the gap between them is free.
 * A unit is 8 bytes; a reference to a node or a leaf is its offset in units, so no u16 can leave the frame. The root
 * is always an inner node without prefix, at the depth (in key bytes) that the header names. The base path holds the
 * first {@code min(root depth, 2048)} bytes that all keys of the frame share; leaves carry the rest of their key.
 */
public final class FrameHeader {

    public static final int FRAME_BYTES = 512 * 1024;
    public static final int PAGE_BYTES = 4096;
    public static final int PAGES = FRAME_BYTES / PAGE_BYTES;
    public static final int UNIT_BYTES = 8;
    public static final int UNIT_SHIFT = 3;

    /** Bytes of a frame that nodes and leaves can have. */
    public static final int BODY_BYTES = FRAME_BYTES - PAGE_BYTES;

    public static final int MAX_BASE_PATH_BYTES = 2048;
    public static final int FREE_LIST_CLASSES = 128;

    /** "HLTF" in little-endian. */
    public static final int MAGIC = 0x46544C48;

    public static final int FORMAT_VERSION = 1;

    public static final int KIND_TREE = 1;
    public static final int KIND_VALUE = 2;

    /** Flag of a tree's frame: no leaf has a large value. Frames without it may have some. */
    public static final int ONLY_SMALL_VALUES = 1;

    /** The latch word on disk: odd, so that no reader ever takes a frame that is being loaded for a valid one. */
    public static final long LATCH_ON_DISK = -1L;

    public static final int LATCH_OFFSET = 0;
    public static final int BLOB_ID_OFFSET = LATCH_OFFSET + 8;
    public static final int ROOT_UNIT_OFFSET = BLOB_ID_OFFSET + 4;
    public static final int ROOT_DEPTH_OFFSET = ROOT_UNIT_OFFSET + 2;
    public static final int EPOCH_OFFSET = ROOT_DEPTH_OFFSET + 2;
    public static final int INNER_END_OFFSET = EPOCH_OFFSET + 8;
    public static final int LEAF_START_OFFSET = INNER_END_OFFSET + 4;
    public static final int INNER_LIVE_OFFSET = LEAF_START_OFFSET + 4;
    public static final int LEAF_LIVE_OFFSET = INNER_LIVE_OFFSET + 4;
    public static final int RECORDS_OFFSET = LEAF_LIVE_OFFSET + 4;
    public static final int CROSSINGS_OFFSET = RECORDS_OFFSET + 4;
    public static final int BASE_PATH_BYTES_OFFSET = CROSSINGS_OFFSET + 4;
    public static final int KIND_OFFSET = BASE_PATH_BYTES_OFFSET + 2;
    public static final int FLAGS_OFFSET = KIND_OFFSET + 1;
    public static final int TREE_ID_OFFSET = FLAGS_OFFSET + 1;
    public static final int LSN_OFFSET = TREE_ID_OFFSET + 4;
    public static final int MAGIC_OFFSET = LSN_OFFSET + 8;
    public static final int VERSION_OFFSET = MAGIC_OFFSET + 4;
    public static final int INNER_FREE_OFFSET = VERSION_OFFSET + 4;
    public static final int LEAF_FREE_OFFSET = INNER_FREE_OFFSET + 4;
    public static final int PAYLOAD_BYTES_OFFSET = LEAF_FREE_OFFSET + 4;
    public static final int PAGE_CRC_OFFSET = 512;
    public static final int BASE_PATH_OFFSET = 1024;
    public static final int INNER_LISTS_OFFSET = BASE_PATH_OFFSET + MAX_BASE_PATH_BYTES;
    public static final int LEAF_LISTS_OFFSET = INNER_LISTS_OFFSET + 2 * FREE_LIST_CLASSES;
    public static final int HEADER_END = LEAF_LISTS_OFFSET + 2 * FREE_LIST_CLASSES;

    private FrameHeader() {}

    /**
     * Writes the header of a frame without nodes; the latch word is left as it is. A tree's frame has only small values
     * until a leaf with a large one is written to it.
     */
    public static void format(long frame, int kind, int blobId, int treeId, long epoch) {
        Memory.fill(frame + BLOB_ID_OFFSET, PAGE_BYTES - BLOB_ID_OFFSET, 0);
        Memory.putInt(frame + MAGIC_OFFSET, MAGIC);
        Memory.putShort(frame + VERSION_OFFSET, FORMAT_VERSION);
        Memory.putByte(frame + KIND_OFFSET, kind);
        flags(frame, kind == KIND_TREE ? ONLY_SMALL_VALUES : 0);
        Memory.putInt(frame + BLOB_ID_OFFSET, blobId);
        Memory.putInt(frame + TREE_ID_OFFSET, treeId);
        epoch(frame, epoch);
        Memory.putInt(frame + INNER_END_OFFSET, PAGE_BYTES);
        Memory.putInt(frame + LEAF_START_OFFSET, FRAME_BYTES);
    }

    /**
     * Copies all of a frame that means something, but the latch word. It may be torn, and counts only if the
     * frame's version says so.
     */
    public static void copyUsed(long from, long to) {
        int innerEnd = Math.clamp(innerEnd(from), PAGE_BYTES, FRAME_BYTES);
        int leafStart = Math.clamp(leafStart(from), innerEnd, FRAME_BYTES);
        Memory.copy(from + BLOB_ID_OFFSET, to + BLOB_ID_OFFSET, innerEnd - BLOB_ID_OFFSET);
        Memory.copy(from + leafStart, to + leafStart, FRAME_BYTES - leafStart);
    }

    public static int blobId(long frame) {
        return Memory.getInt(frame + BLOB_ID_OFFSET);
    }

    public static int rootUnit(long frame) {
        return Memory.getUnsignedShort(frame + ROOT_UNIT_OFFSET);
    }

    public static void rootUnit(long frame, int unit) {
        Memory.putShort(frame + ROOT_UNIT_OFFSET, unit);
    }

    /** Key bytes above the root. */
    public static int rootDepth(long frame) {
        return Memory.getUnsignedShort(frame + ROOT_DEPTH_OFFSET);
    }

    public static void rootDepth(long frame, int depth) {
        Memory.putShort(frame + ROOT_DEPTH_OFFSET, depth);
    }

    public static long epoch(long frame) {
        return Memory.getLong(frame + EPOCH_OFFSET);
    }

    /** Says that all of the frame changed in an epoch. */
    public static void epoch(long frame, long epoch) {
        advanceEpoch(frame, epoch);
        PageEpochs.markAll(frame);
    }

    /** Says that the frame changed in an epoch; which pages did is for {@link PageEpochs}. */
    public static void advanceEpoch(long frame, long epoch) {
        Memory.putLong(frame + EPOCH_OFFSET, epoch);
    }

    public static int innerEnd(long frame) {
        return Memory.getInt(frame + INNER_END_OFFSET);
    }

    public static void innerEnd(long frame, int offset) {
        Memory.putInt(frame + INNER_END_OFFSET, offset);
    }

    public static int leafStart(long frame) {
        return Memory.getInt(frame + LEAF_START_OFFSET);
    }

    public static void leafStart(long frame, int offset) {
        Memory.putInt(frame + LEAF_START_OFFSET, offset);
    }

    public static int innerLive(long frame) {
        return Memory.getInt(frame + INNER_LIVE_OFFSET);
    }

    public static int leafLive(long frame) {
        return Memory.getInt(frame + LEAF_LIVE_OFFSET);
    }

    /** Bytes of nodes and leaves in use. */
    public static int liveBytes(long frame) {
        return innerLive(frame) + leafLive(frame);
    }

    /** Bytes between the regions. */
    public static int gapBytes(long frame) {
        return leafStart(frame) - innerEnd(frame);
    }

    /** Bytes within the regions that no node or leaf uses. */
    public static int deadBytes(long frame) {
        return BODY_BYTES - gapBytes(frame) - liveBytes(frame);
    }

    public static int records(long frame) {
        return Memory.getInt(frame + RECORDS_OFFSET);
    }

    public static void addRecords(long frame, int delta) {
        Memory.putInt(frame + RECORDS_OFFSET, records(frame) + delta);
    }

    /** How many crossing nodes the frame has. */
    public static int crossings(long frame) {
        return Memory.getInt(frame + CROSSINGS_OFFSET);
    }

    public static void addCrossings(long frame, int delta) {
        Memory.putInt(frame + CROSSINGS_OFFSET, crossings(frame) + delta);
    }

    /** Bytes of the base path, clamped, so that a torn read stays within the header. */
    public static int basePathBytes(long frame) {
        return Math.min(Memory.getUnsignedShort(frame + BASE_PATH_BYTES_OFFSET), MAX_BASE_PATH_BYTES);
    }

    public static long basePath(long frame) {
        return frame + BASE_PATH_OFFSET;
    }

    /** Sets root depth and base path from the key bytes above the root. */
    public static void path(long frame, byte[] path, int depth) {
        path(frame, path, 0, depth);
    }

    /** As the other, from key bytes that start at an offset. */
    public static void path(long frame, byte[] path, int offset, int depth) {
        int stored = Math.min(depth, MAX_BASE_PATH_BYTES);
        rootDepth(frame, depth);
        Memory.putShort(frame + BASE_PATH_BYTES_OFFSET, stored);
        Memory.copyFromArray(path, offset, frame + BASE_PATH_OFFSET, stored);
    }

    public static int kind(long frame) {
        return Memory.getUnsignedByte(frame + KIND_OFFSET);
    }

    public static int flags(long frame) {
        return Memory.getUnsignedByte(frame + FLAGS_OFFSET);
    }

    public static void flags(long frame, int flags) {
        Memory.putByte(frame + FLAGS_OFFSET, flags);
    }

    /** Whether it is known that no leaf has a large value. */
    public static boolean hasOnlySmallValues(long frame) {
        return (flags(frame) & ONLY_SMALL_VALUES) != 0;
    }

    /** Says that a leaf with these flags was written. */
    public static void leafWritten(long frame, int leafFlags) {
        if ((leafFlags & Leaf.LARGE) != 0) {
            flags(frame, flags(frame) & ~ONLY_SMALL_VALUES);
        }
    }

    public static int treeId(long frame) {
        return Memory.getInt(frame + TREE_ID_OFFSET);
    }

    public static long lsn(long frame) {
        return Memory.getLong(frame + LSN_OFFSET);
    }

    public static void lsn(long frame, long lsn) {
        Memory.putLong(frame + LSN_OFFSET, lsn);
    }

    /** Bytes of a value in a value frame, which start at page 1. */
    public static int payloadBytes(long frame) {
        return Memory.getInt(frame + PAYLOAD_BYTES_OFFSET);
    }

    public static void payloadBytes(long frame, int bytes) {
        Memory.putInt(frame + PAYLOAD_BYTES_OFFSET, bytes);
    }

    /** First page past the inner region: pages [0, this) are used. */
    public static int innerEndPage(long frame) {
        return (innerEnd(frame) + PAGE_BYTES - 1) / PAGE_BYTES;
    }

    /** Page of the first leaf: pages [this, 128) are used. */
    public static int leafStartPage(long frame) {
        return leafStart(frame) / PAGE_BYTES;
    }
}
