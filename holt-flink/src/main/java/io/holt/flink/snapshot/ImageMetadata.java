package io.holt.flink.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.apache.flink.api.java.typeutils.runtime.DataInputViewStream;
import org.apache.flink.api.java.typeutils.runtime.DataOutputViewStream;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.util.StateMigrationException;

/**
 * What an incremental checkpoint says besides its frames. It follows what Flink's own format says of the states.
 *
 * <pre>
 *  +-------------------------+--------------------------+
 *  | u32 magic "HLIC"        | u16 version              |
 *  | u64 epoch               | u32 length, catalog      |
 *  | u32 lists: UTF name, u64 last sequence number      |
 *  | u32 packs: UTF name                                |
 *  | u32 frames: u32 blob, u16 first, u16 last key group|
 *  |   u8 value part, u8 pieces:                        |
 *  |     u32 pack, u64 offset, u32 bytes                |
 *  | u32 timers on the heap: u16 state, u32 length, key |
 *  | u32 CRC32C of all of it                            |
 *  +----------------------------------------------------+
 * </pre>
 *
 * <p>Big-endian, as Flink writes numbers. A timer is written as the key of a canonical savepoint. The checksum is there
 * because frames are left out by what is said here of their key groups: a wrong bit would have their state missing.
 * Versions 1 and 2, which are still read, have none; in version 1 each frame has one piece, and there is no number of
 * pieces.
 */
public final class ImageMetadata {

    private static final int MAGIC = 0x484C_4943;
    private static final int VERSION = 3;
    private static final int VERSION_WITHOUT_CHECKSUM = 2;
    private static final int VERSION_WITHOUT_CHANGES = 1;
    private static final int PIECE_BYTES = Integer.BYTES + Long.BYTES + Integer.BYTES;

    private final UploadedImage image;
    private final byte[] catalog;
    private final Map<String, Long> sequences;
    private final List<HeapTimer> timers;

    /**
     * Takes what there is to say.
     *
     * @param catalog what the database says of its frames
     * @param sequences the last sequence numbers of list states, by name
     * @param timers timers that were kept on the heap
     */
    ImageMetadata(UploadedImage image, byte[] catalog, Map<String, Long> sequences, List<HeapTimer> timers) {
        this.image = image;
        this.catalog = catalog;
        this.sequences = sequences;
        this.timers = timers;
    }

    /** A timer that was kept on the heap. */
    public static final class HeapTimer {
        private final int state;
        private final byte[] key;

        HeapTimer(int state, byte[] key) {
            this.state = state;
            this.key = key;
        }

        /** Index of its state in the checkpoint's list of states. */
        public int state() {
            return state;
        }

        /** Its canonical key; the array itself, not to be changed. */
        public byte[] key() {
            return key;
        }
    }

    public UploadedImage image() {
        return image;
    }

    /** What the database says of its frames; the array itself, not to be changed. */
    public byte[] catalog() {
        return catalog;
    }

    public Map<String, Long> sequences() {
        return sequences;
    }

    public List<HeapTimer> timers() {
        return timers;
    }

    void write(DataOutputView target) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(new DataOutputViewStream(target), new CRC32C());
        writeBody(new DataOutputViewStreamWrapper(checked));
        target.writeInt((int) checked.getChecksum().getValue());
    }

    private void writeBody(DataOutputView out) throws IOException {
        out.writeInt(MAGIC);
        out.writeShort(VERSION);
        out.writeLong(image.epoch());
        writeBytes(catalog, out);
        out.writeInt(sequences.size());
        for (Map.Entry<String, Long> sequence : sequences.entrySet()) {
            out.writeUTF(sequence.getKey());
            out.writeLong(sequence.getValue());
        }
        Map<Pack, Integer> packIndexes = new LinkedHashMap<>();
        out.writeInt(image.packs().size());
        for (Pack pack : image.packs()) {
            packIndexes.put(pack, packIndexes.size());
            out.writeUTF(pack.name());
        }
        out.writeInt(image.frames().size());
        for (FramePlace frame : image.frames()) {
            out.writeInt(frame.blobId());
            out.writeShort(frame.firstKeyGroup());
            out.writeShort(frame.lastKeyGroup());
            out.writeBoolean(frame.isValuePart());
            FramePieces pieces = frame.pieces();
            out.writeByte(pieces.size());
            ByteBuffer places = ByteBuffer.allocate(pieces.size() * PIECE_BYTES);
            for (int i = 0; i < pieces.size(); i++) {
                places.putInt(packIndexes.get(pieces.pack(i)));
                places.putLong(pieces.offset(i));
                places.putInt(pieces.bytes(i));
            }
            out.write(places.array());
        }
        out.writeInt(timers.size());
        for (HeapTimer timer : timers) {
            out.writeShort(timer.state());
            writeBytes(timer.key(), out);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param handles the checkpoint's packs by name
     * @throws IOException if it is damaged
     * @throws StateMigrationException if it was written by another backend or by a newer version, or a pack is missing
     */
    public static ImageMetadata read(DataInputView source, Map<String, StreamStateHandle> handles)
            throws IOException, StateMigrationException {
        CheckedInputStream checked = new CheckedInputStream(new DataInputViewStream(source), new CRC32C());
        DataInputViewStreamWrapper in = new DataInputViewStreamWrapper(checked);
        if (in.readInt() != MAGIC) {
            throw new StateMigrationException("the incremental checkpoint was not taken by the Holt state backend; take"
                    + " a savepoint in canonical format with the backend that took it, and start from that");
        }
        int version = in.readUnsignedShort();
        if (version < VERSION_WITHOUT_CHANGES || version > VERSION) {
            throw new StateMigrationException("the incremental checkpoint has format " + version
                    + " of the Holt state backend, this version reads formats up to " + VERSION
                    + "; use the version that wrote it, or start from a savepoint in canonical format");
        }
        ImageMetadata metadata;
        try {
            metadata = readBody(in, version, handles);
        } catch (UTFDataFormatException | RuntimeException e) {
            throw damaged(e.toString(), e);
        }
        int checksum = (int) checked.getChecksum().getValue();
        if (version > VERSION_WITHOUT_CHECKSUM && in.readInt() != checksum) {
            throw damaged("it does not match its checksum", null);
        }
        return metadata;
    }

    private static IOException damaged(String why, Exception cause) {
        return new IOException(
                "the metadata of the incremental checkpoint is damaged: " + why + "; restore an older checkpoint",
                cause);
    }

    private static ImageMetadata readBody(
            DataInputViewStreamWrapper in, int version, Map<String, StreamStateHandle> handles)
            throws IOException, StateMigrationException {
        long epoch = in.readLong();
        byte[] catalog = readBytes(in);
        Map<String, Long> sequences = new HashMap<>();
        for (int i = in.readInt(); i > 0; i--) {
            sequences.put(in.readUTF(), in.readLong());
        }
        List<Pack> packs = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
            packs.add(pack(in.readUTF(), handles));
        }
        Map<Integer, FramePlace> frames = new HashMap<>();
        for (int i = in.readInt(); i > 0; i--) {
            FramePlace frame = readFrame(in, version, packs);
            frames.put(frame.blobId(), frame);
        }
        List<HeapTimer> timers = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
            timers.add(new HeapTimer(in.readUnsignedShort(), readBytes(in)));
        }
        return new ImageMetadata(new UploadedImage(epoch, frames), catalog, sequences, timers);
    }

    private static FramePlace readFrame(DataInputView in, int version, List<Pack> packs) throws IOException {
        int blobId = in.readInt();
        int first = in.readUnsignedShort();
        int last = in.readUnsignedShort();
        boolean isValuePart = in.readBoolean();
        int count = version == VERSION_WITHOUT_CHANGES ? 1 : in.readUnsignedByte();
        if (count == 0) {
            throw damaged("there is no place of blob " + blobId, null);
        }
        List<FramePiece> pieces = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            pieces.add(new FramePiece(packs.get(in.readInt()), in.readLong(), in.readInt()));
        }
        return new FramePlace(blobId, first, last, isValuePart, FramePieces.of(pieces), null);
    }

    private static Pack pack(String name, Map<String, StreamStateHandle> handles) throws StateMigrationException {
        StreamStateHandle handle = handles.get(name);
        if (handle == null) {
            throw new StateMigrationException(
                    "the incremental checkpoint names the pack of frames " + name + " but does not have it");
        }
        return new Pack(name, handle, handle.getStateSize());
    }

    private static void writeBytes(byte[] bytes, DataOutputView out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputViewStreamWrapper in) throws IOException {
        // Not an array of the length that is said: it may be a wrong one.
        int length = in.readInt();
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("of " + length + " bytes there are " + bytes.length);
        }
        return bytes;
    }
}
