package io.holt.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import io.holt.api.CheckpointImage;
import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltOptions;
import io.holt.api.Snapshot;
import io.holt.internal.art.FrameCheck;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames, their records and catalogs with random bytes changed: typed errors, whatever the checksums say. */
class FrameMutationTest {

    private static final int MUTATIONS = Integer.getInteger("holt.mutations", 20_000);
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

    private final List<byte[]> records = new ArrayList<>();
    private byte[] catalog;

    @BeforeEach
    void write() throws IOException {
        try (HoltDb db =
                Holt.inMemory(HoltOptions.builder().memoryBytes(32L << 20).build())) {
            for (int i = 0; i < 9000; i++) {
                byte[] key = ("dir-" + i % 13 + "/" + i * 7919 % 9000).getBytes(StandardCharsets.US_ASCII);
                db.tree("tree").put(key, new byte[i % 120]);
            }
            db.tree("tree").put(new byte[] {1}, new byte[70_000]);
            try (Snapshot snapshot = db.snapshot();
                    CheckpointImage.FrameCursor frames = snapshot.image(0).frames()) {
                catalog = snapshot.image(0).catalog();
                while (frames.next()) {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    frames.writeTo(out);
                    records.add(out.toByteArray());
                }
            }
        }
    }

    @Test
    void aDamagedRecordOrCatalogIsReported() {
        Random random = new Random(1);
        try (OffHeap memory = new OffHeap(FrameHeader.FRAME_BYTES)) {
            FrameReceiver receiver = new FrameReceiver();
            for (int i = 0; i < MUTATIONS / 10; i++) {
                byte[] record = mutated(records.get(random.nextInt(records.size())), random);
                assertReported(() -> {
                    receiver.readHeader(new ByteArrayInputStream(record));
                    ByteArrayInputStream in = new ByteArrayInputStream(record);
                    receiver.readHeader(in);
                    receiver.readPages(in, memory.address());
                });
                byte[] damaged = mutated(catalog, random);
                assertReported(() -> ImageCatalog.decode(damaged));
            }
        }
    }

    /** With checksums made right again, as a program with a fault would write them. */
    @Test
    void aFrameThatIsWrongInItselfIsReported() throws Exception {
        Random random = new Random(2);
        int faults = 0;
        // Room behind the frame: a node at its end may seem to reach further.
        try (OffHeap memory = new OffHeap(2 * FrameHeader.FRAME_BYTES)) {
            long frame = memory.address();
            FrameReceiver receiver = new FrameReceiver();
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] record = records.get(random.nextInt(records.size()));
                if (i % 50 == 0) {
                    ByteArrayInputStream in = new ByteArrayInputStream(record);
                    receiver.readHeader(in);
                    receiver.readPages(in, frame);
                }
                if (FrameHeader.kind(frame) != FrameHeader.KIND_TREE) {
                    continue;
                }
                boolean header = random.nextInt(8) == 0;
                int at = header
                        ? FrameHeader.ROOT_UNIT_OFFSET + random.nextInt(42)
                        : FrameHeader.PAGE_BYTES + random.nextInt(FrameHeader.FRAME_BYTES - FrameHeader.PAGE_BYTES);
                if (at == FrameHeader.KIND_OFFSET) {
                    continue;
                }
                int before = Memory.getUnsignedByte(frame + at);
                Memory.putByte(frame + at, random.nextInt(256));
                try {
                    FrameCheck.check(frame, NOTHING);
                } catch (FrameCheck.Fault e) {
                    faults++;
                    assertThat(e.getMessage()).isNotBlank();
                }
                Memory.putByte(frame + at, before);
            }
        }
        assertThat(faults).isGreaterThan(MUTATIONS / 50);
    }

    private interface Reading {
        void run() throws IOException;
    }

    private static void assertReported(Reading reading) {
        try {
            reading.run();
        } catch (HoltException | IOException e) {
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        throw new AssertionError("damage was not noticed");
    }

    /** Some bytes changed, or some cut off the end. */
    private static byte[] mutated(byte[] whole, Random random) {
        if (random.nextInt(10) == 0) {
            return java.util.Arrays.copyOf(whole, random.nextInt(whole.length));
        }
        byte[] bytes = whole.clone();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            bytes[random.nextInt(bytes.length)] += (byte) (1 + random.nextInt(255));
        }
        return java.util.Arrays.equals(bytes, whole) ? new byte[1] : bytes;
    }
}
