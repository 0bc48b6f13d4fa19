package io.holt.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.holt.Holt;
import io.holt.api.CheckpointImage;
import io.holt.api.CorruptDataException;
import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltOptions;
import io.holt.api.Snapshot;
import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.ArtScan;
import io.holt.internal.art.FrameCheck;
import io.holt.internal.art.ScanChunk;
import io.holt.internal.art.SeekMode;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Frames with any of their bytes changed: damage is reported as long as it is under a checksum (I6); with checksums
 * made right again, checking ends with a typed error or none, and lookups and scans end and stay within the frame,
 * as they do beside a writer (I2).
 *
 * <p>Real fuzzing: see Building in README.md.
 */
class FrameFuzzTest {

    private static final int PATCH_BYTES = 4;
    private static final int LOOKUPS = 16;
    private static final int FILLS = 20;
    private static final int RECORDS_A_CHUNK = 64;

    /** Behind a frame there are always so many bytes more: a node at its end may seem to reach further. */
    private static final int PADDING_BYTES = 256 * 1024;

    private static final FrameCheck.Finds NOTHING = new FrameCheck.Finds() {
        @Override
        public void child(int blobId, byte[] path, int depth) {
            assertThat(path.length).isLessThanOrEqualTo(depth);
        }

        @Override
        public void largeValue(int[] parts, int valueBytes) {
            assertThat(parts).isNotEmpty();
        }
    };

    private static List<byte[]> records;
    private static byte[] catalog;

    /** The frames of a tree of three levels, as an image has them; made once. */
    private static synchronized void write() throws IOException {
        if (records != null) {
            return;
        }
        List<byte[]> written = new ArrayList<>();
        try (HoltDb db =
                Holt.inMemory(HoltOptions.builder().memoryBytes(32L << 20).build())) {
            for (int i = 0; i < 9000; i++) {
                db.tree("tree").put(key(i), new byte[i % 120]);
            }
            try (Snapshot snapshot = db.snapshot();
                    CheckpointImage.FrameCursor frames = snapshot.image(0).frames()) {
                catalog = snapshot.image(0).catalog();
                while (frames.next()) {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    frames.writeTo(out);
                    written.add(out.toByteArray());
                }
            }
        }
        records = written;
    }

    private static byte[] key(int number) {
        return ("dir-" + number % 13 + "/" + number * 7919 % 9000).getBytes(StandardCharsets.US_ASCII);
    }

    /** The input of both: which frame, then changes: 3 bytes of offset and one of content. */
    @FuzzTest(maxDuration = "2m")
    void damageUnderAChecksumIsReported(byte[] input) throws IOException {
        write();
        try (OffHeap memory = new OffHeap(FrameHeader.FRAME_BYTES + PADDING_BYTES)) {
            long frame = memory.address();
            load(frame, input);
            FrameImage.seal(frame);
            int innerEndPage = FrameHeader.innerEndPage(frame);
            int leafStartPage = FrameHeader.leafStartPage(frame);
            int blobId = FrameHeader.blobId(frame);
            byte[] before = memory.get(0, FrameHeader.FRAME_BYTES);
            patch(frame, input);
            byte[] after = memory.get(0, FrameHeader.FRAME_BYTES);
            int innerEnd = innerEndPage * FrameHeader.PAGE_BYTES;
            int leafStart = leafStartPage * FrameHeader.PAGE_BYTES;
            boolean harmless = Arrays.equals(before, 0, innerEnd, after, 0, innerEnd)
                    && Arrays.equals(before, leafStart, before.length, after, leafStart, after.length);
            if (harmless) {
                FrameImage.verify(frame, blobId, "the data file", 0);
            } else {
                assertThatThrownBy(() -> FrameImage.verify(frame, blobId, "the data file", 0))
                        .isInstanceOf(CorruptDataException.class);
            }
        }
    }

    @FuzzTest(maxDuration = "2m")
    void whateverAFrameHoldsReadingItEnds(byte[] input) throws IOException {
        write();
        try (OffHeap memory = new OffHeap(FrameHeader.FRAME_BYTES + PADDING_BYTES)) {
            long frame = memory.address();
            load(frame, input);
            patch(frame, input);
            Memory.putByte(frame + FrameHeader.KIND_OFFSET, FrameHeader.KIND_TREE);
            try {
                FrameCheck.check(frame, NOTHING);
            } catch (FrameCheck.Fault fault) {
                assertThat(fault.getMessage()).isNotBlank();
            }
            for (int i = 0; i < LOOKUPS; i++) {
                byte[] key = key(i * 997);
                ArtLookup.find(frame, key, 0, key.length);
            }
            scan(frame, false);
            scan(frame, true);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void anyBytesAreACatalogOrRefused(byte[] input) throws IOException {
        write();
        byte[] bytes = input.clone();
        if (bytes.length > 0 && bytes[0] == 0) {
            // The catalog there is, with changes.
            bytes = catalog.clone();
            for (int i = 1; i + 2 < input.length; i += 3) {
                bytes[((input[i] & 0xFF) | (input[i + 1] & 0xFF) << 8) % bytes.length] = input[i + 2];
            }
        }
        try {
            ImageCatalog decoded = ImageCatalog.decode(bytes);
            assertThat(ImageCatalog.decode(decoded.encode())).isEqualTo(decoded);
        } catch (HoltException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static void load(long frame, byte[] input) throws IOException {
        int which = input.length == 0 ? 0 : (input[0] & 0xFF) % records.size();
        ByteArrayInputStream in = new ByteArrayInputStream(records.get(which));
        FrameReceiver receiver = new FrameReceiver();
        receiver.readHeader(in);
        receiver.readPages(in, frame);
    }

    private static void patch(long frame, byte[] input) {
        for (int i = 1; i + PATCH_BYTES <= input.length; i += PATCH_BYTES) {
            int at = ((input[i] & 0xFF) | (input[i + 1] & 0xFF) << 8 | (input[i + 2] & 0xFF) << 16)
                    % FrameHeader.FRAME_BYTES;
            Memory.putByte(frame + at, input[i + 3]);
        }
    }

    /** As far as a few chunks go; what they hold lies within their arrays. */
    private static void scan(long frame, boolean descending) {
        ScanChunk chunk = new ScanChunk();
        ArtScan scan = new ArtScan(chunk);
        scan.direct(descending, new byte[0]);
        byte[] from = descending ? new byte[] {(byte) 0xFF} : new byte[0];
        scan.seek(from, 0, from.length, SeekMode.AT);
        for (int fills = 0; fills < FILLS; fills++) {
            chunk.reset(true);
            boolean goesOn = scan.canFillOn();
            int result = goesOn ? scan.fillOn(RECORDS_A_CHUNK) : scan.fill(frame, 2 * RECORDS_A_CHUNK, RECORDS_A_CHUNK);
            for (int record = 0; record < chunk.count(); record++) {
                assertThat(chunk.keyOffset(record) + chunk.keyBytes(record)).isLessThanOrEqualTo(chunk.data().length);
            }
            if (result != ArtScan.CHUNK_FULL || chunk.count() == 0) {
                return;
            }
            int last = chunk.count() - 1;
            scan.seek(chunk.data(), chunk.keyOffset(last), chunk.keyBytes(last), SeekMode.BEYOND);
        }
    }
}
