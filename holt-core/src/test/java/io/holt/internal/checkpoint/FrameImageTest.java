package io.holt.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CorruptDataException;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtFrame;
import io.holt.internal.art.ArtInsert;
import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A frame made by fixed steps has fixed bytes (I9), and no damaged byte of it passes (I6). */
@SuppressWarnings("ByteBufferBackingArray") // the buffers are made here, around whole arrays
class FrameImageTest {

    private static final String FILE = "/db/holt.data";
    private static final int BLOB = 77;

    private final OffHeap memory = new OffHeap(FrameHeader.FRAME_BYTES + 256 * 1024);
    private final long frame = memory.address();

    @BeforeEach
    void build() {
        byte[] path = bytes("base/");
        Memory.putLong(frame, 2);
        ArtFrame.format(frame, BLOB, 3, 42, path, path.length);
        FrameHeader.lsn(frame, 4711);
        for (int i = 0; i < 3000; i++) {
            put("base/" + (char) ('a' + i % 19) + "/shared/prefix/" + i * 7919 % 3000, "value-" + i);
        }
        for (int i = 0; i < 60; i++) {
            put("base/many" + (char) (' ' + i), "n");
        }
        put("base/many", "a key that ends at a node");
        put("base/a/shared/prefix/0", "a value that is longer than the one before, so it moves");
        for (int i = 0; i < 3000; i += 5) {
            String key = "base/" + (char) ('a' + i % 19) + "/shared/prefix/" + i * 7919 % 3000;
            byte[] bytes = bytes(key);
            assertThat(Signal.code(ArtErase.erase(frame, bytes, 0, bytes.length, true)))
                    .isEqualTo(Signal.ERASED);
        }
        FrameImage.seal(frame);
    }

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void theBytesArePinned() throws Exception {
        ByteBuffer image = image();
        assertThat(image.getLong(0)).isEqualTo(-1L);
        assertThat(image.getInt(8)).isEqualTo(BLOB);
        assertThat(image.getShort(14)).isEqualTo((short) 5);
        assertThat(image.getLong(16)).isEqualTo(42);
        assertThat(image.getInt(40)).isEqualTo(2461);
        assertThat(image.getInt(44)).isZero();
        assertThat(image.getShort(48)).isEqualTo((short) 5);
        assertThat(image.get(50)).isEqualTo((byte) 1);
        assertThat(image.get(51)).as("no large value").isEqualTo((byte) 1);
        assertThat(image.getInt(52)).isEqualTo(3);
        assertThat(image.getLong(56)).isEqualTo(4711);
        assertThat(image.getInt(64)).isEqualTo(0x46544C48);
        assertThat(image.getShort(68)).isEqualTo((short) 1);
        assertThat(new String(image.array(), 1024, 5, StandardCharsets.US_ASCII))
                .isEqualTo("base/");

        assertThat(image.getShort(88)).as("epoch of all pages").isEqualTo((short) 42);
        assertThat(image.getShort(256)).as("epoch of page 0").isZero();
        assertThat(image.getShort(258)).as("epoch of page 1").isEqualTo((short) 42);
        assertThat(image.getShort(510)).as("epoch of page 127").isEqualTo((short) 42);

        int innerEnd = image.getInt(24);
        int leafStart = image.getInt(28);
        assertThat(new int[] {innerEnd, leafStart}).isEqualTo(new int[] {INNER_END, LEAF_START});
        MessageDigest hash = MessageDigest.getInstance("SHA-256");
        hash.update(image.array(), 0, innerEnd);
        hash.update(image.array(), leafStart, FrameHeader.FRAME_BYTES - leafStart);
        assertThat(HexFormat.of().formatHex(hash.digest())).isEqualTo(SHA_256);
    }

    @Test
    void thePagesChecksumsAreThoseOfTheJdk() {
        ByteBuffer image = image();
        int innerPages = (image.getInt(24) + 4095) / 4096;
        int leafPage = image.getInt(28) / 4096;
        assertThat(innerPages).isGreaterThan(1).isLessThan(leafPage);
        for (int page = 0; page < 128; page++) {
            int stored = image.getInt(512 + 4 * page);
            byte[] bytes = new byte[4096];
            image.get(4096 * page, bytes);
            if (page == 0) {
                ByteBuffer.wrap(bytes).putInt(512, 0);
            }
            CRC32C crc = new CRC32C();
            crc.update(bytes);
            boolean used = page < innerPages || page >= leafPage;
            assertThat(stored).as("page %d", page).isEqualTo(used ? (int) crc.getValue() : 0);
        }
    }

    @Test
    void aSealedFrameIsReadAsItWas() {
        FrameImage.verify(frame, BLOB, FILE, 0);
        byte[] key = bytes("base/many");
        long found = ArtLookup.find(frame, key, 0, key.length);
        assertThat(Signal.code(found)).isEqualTo(Signal.FOUND);
        long leaf = frame + 8L * Signal.payload(found);
        byte[] value = new byte[Leaf.valueBytes(Memory.getLong(leaf))];
        Memory.copyToArray(Leaf.value(leaf, Memory.getLong(leaf)), value, 0, value.length);
        assertThat(value).isEqualTo(bytes("a key that ends at a node"));
    }

    /** The first, a middle and the last byte of every page that is used, and each bit of some. */
    @Test
    void everyDamagedByteIsReportedWithBlobPageAndOffset() {
        ByteBuffer image = image();
        int innerPages = (image.getInt(24) + 4095) / 4096;
        int leafPage = image.getInt(28) / 4096;
        for (int page = 0; page < 128; page++) {
            if (page >= innerPages && page < leafPage) {
                continue;
            }
            for (int at : new int[] {8, 515, 1999, 4095}) {
                int offset = page * 4096 + at;
                memory.put(offset, new byte[] {(byte) (image.get(offset) ^ 1 << at % 8)});
                assertThatThrownBy(() -> FrameImage.verify(frame, BLOB, FILE, 1 << 20))
                        .as("byte %d of page %d", at, page)
                        .isInstanceOf(CorruptDataException.class)
                        .hasMessageContaining(FILE)
                        .hasMessageContaining("blob " + BLOB)
                        .hasMessageContaining("page " + page + " ")
                        .hasMessageContaining(String.valueOf((1 << 20) + page * 4096));
                memory.put(offset, new byte[] {image.get(offset)});
            }
        }
        FrameImage.verify(frame, BLOB, FILE, 1 << 20);
    }

    @Test
    void anotherBlobsFrameIsReported() {
        assertThatThrownBy(() -> FrameImage.verify(frame, BLOB + 1, FILE, 0))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("blob 78")
                .hasMessageContaining("blob 77");
    }

    private ByteBuffer image() {
        return ByteBuffer.wrap(memory.get(0, FrameHeader.FRAME_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void put(String key, String value) {
        byte[] keyBytes = bytes(key);
        byte[] valueBytes = bytes(value);
        long signal = ArtInsert.put(frame, keyBytes, 0, keyBytes.length, 0, valueBytes.length, ArtInsert.UPSERT);
        assertThat(Signal.code(signal)).isIn(Signal.INSERTED, Signal.REPLACED);
        long leaf = frame + 8L * Signal.payload(signal);
        Memory.copyFromArray(valueBytes, 0, Leaf.value(leaf, Memory.getLong(leaf)), valueBytes.length);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    // What the present format makes of the steps above. A change here is a new version of the format.
    private static final int INNER_END = 46_864;
    private static final int LEAF_START = 406_936;
    private static final String SHA_256 = "e1b8b5c0f79548a90ffb4d401112ed0be7c4faf466f13ca54956c0eb7dacf7db";
}
