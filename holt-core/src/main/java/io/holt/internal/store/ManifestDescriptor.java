package io.holt.internal.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bytes of a manifest file: a header, then records, each at a multiple of 8. Little-endian; reserved bytes are 0.
 *
 * <pre>
 * File header            0       1       2       3       4       5       6       7
 *                    +-------+-------+-------+-------+-------+-------+-------+-------+
 *                  0 |                   magic "HOLTMNFS"                            |
 *                  8 |        format version         |         frame bytes           |
 *                 16 |                   store id, high half                         |
 *                 24 |                   store id, low half                          |
 *                 32 |                   reserved                                    |
 *                 40 |        CRC32C of [0, 40)      |         reserved              |
 *                    +-------+-------+-------+-------+-------+-------+-------+-------+
 *
 * Record header
 *                  0 |        record bytes           |  CRC32C of [0, 4) and [8, end)|
 *                  8 |                   checkpoint number                           |
 *                 16 |                   file offset of this record                  |
 *                 24 | type  |                reserved                               |
 *
 * Body of FULL and DELTA (SEAL has none)
 *                 32 |                   epoch                                       |
 *                 40 |                   first LSN to replay                         |
 *                 48 |        next blob id           |         next tree id          |
 *                 56 |        flags                  |         trees                 |
 *                 64 |        places                 |         bytes of the trees    |
 *                 72 |        trees, then places                                     |
 *
 * Tree, padded to 8
 *                  0 |        tree id                |         root blob id          |
 *                  8 |                   record count                                |
 *                 16 |        name bytes             |         1 if dropped          |
 *                 24 |        name in UTF-8                                          |
 *
 * Place of FULL:     |        place of the blob whose id is the index, or -1  (4 bytes)
 * Place of DELTA:  0 |        blob id                |         place, or -1          |
 * </pre>
 *
 * <p>A SEAL follows each other record, once that one is durable: a record that can't be read was never published if
 * no seal comes after it, and is damaged if one does.
 */
final class ManifestDescriptor {

    static final long MAGIC = 0x5346_4E4D_544C_4F48L;
    static final int FORMAT_VERSION = 1;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int FRAME_BYTES_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STORE_ID_HIGH_OFFSET = FRAME_BYTES_OFFSET + Integer.BYTES;
    static final int STORE_ID_LOW_OFFSET = STORE_ID_HIGH_OFFSET + Long.BYTES;
    static final int HEADER_CRC_OFFSET = STORE_ID_LOW_OFFSET + 2 * Long.BYTES;
    static final int FILE_HEADER_BYTES = HEADER_CRC_OFFSET + Long.BYTES;

    static final int RECORD_BYTES_OFFSET = 0;
    static final int RECORD_CRC_OFFSET = RECORD_BYTES_OFFSET + Integer.BYTES;
    static final int CHECKPOINT_OFFSET = RECORD_CRC_OFFSET + Integer.BYTES;
    static final int SELF_OFFSET = CHECKPOINT_OFFSET + Long.BYTES;
    static final int TYPE_OFFSET = SELF_OFFSET + Long.BYTES;
    static final int RECORD_HEADER_BYTES = TYPE_OFFSET + Long.BYTES;

    static final int EPOCH_OFFSET = RECORD_HEADER_BYTES;
    static final int REPLAY_LSN_OFFSET = EPOCH_OFFSET + Long.BYTES;
    static final int NEXT_BLOB_ID_OFFSET = REPLAY_LSN_OFFSET + Long.BYTES;
    static final int NEXT_TREE_ID_OFFSET = NEXT_BLOB_ID_OFFSET + Integer.BYTES;
    static final int FLAGS_OFFSET = NEXT_TREE_ID_OFFSET + Integer.BYTES;
    static final int TREES_OFFSET = FLAGS_OFFSET + Integer.BYTES;
    static final int PLACES_OFFSET = TREES_OFFSET + Integer.BYTES;
    static final int TREES_BYTES_OFFSET = PLACES_OFFSET + Integer.BYTES;
    static final int BODY_OFFSET = TREES_BYTES_OFFSET + Integer.BYTES;

    static final int TREE_ID_OFFSET = 0;
    static final int TREE_ROOT_OFFSET = TREE_ID_OFFSET + Integer.BYTES;
    static final int TREE_RECORDS_OFFSET = TREE_ROOT_OFFSET + Integer.BYTES;
    static final int TREE_NAME_BYTES_OFFSET = TREE_RECORDS_OFFSET + Long.BYTES;
    static final int TREE_DROPPED_OFFSET = TREE_NAME_BYTES_OFFSET + Integer.BYTES;
    static final int TREE_NAME_OFFSET = TREE_DROPPED_OFFSET + Integer.BYTES;

    static final int FULL_PLACE_BYTES = Integer.BYTES;
    static final int DELTA_PLACE_BYTES = 2 * Integer.BYTES;

    static final byte TYPE_FULL = 1;
    static final byte TYPE_DELTA = 2;
    static final byte TYPE_SEAL = 3;

    /** The log was being written when the checkpoint was taken: it must be there to replay. */
    static final int FLAG_LOGGED = 1;

    static final int ALIGNMENT_BYTES = 8;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private ManifestDescriptor() {}

    static int getInt(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset);
    }

    static long getLong(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset);
    }

    static void putInt(byte[] bytes, int offset, int value) {
        INT.set(bytes, offset, value);
    }

    static void putLong(byte[] bytes, int offset, long value) {
        LONG.set(bytes, offset, value);
    }

    static long aligned(long bytes) {
        return (bytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
    }
}
