package io.holt.flink.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.util.StateMigrationException;
import org.junit.jupiter.api.Test;

/** The format of the metadata of incremental checkpoints (I9). */
class ImageMetadataTest {

    private static final Map<String, StreamStateHandle> HANDLES = Map.of(
            "a", new ByteStreamStateHandle("a", new byte[1000]),
            "b", new ByteStreamStateHandle("b", new byte[50]));

    private static final String VERSION_1 = "484c4943" + "0001" + "0000000000000009"
            + "00000002" + "cafe"
            + "00000001" + "00016c" + "0000000000000005"
            + "00000001" + "000161"
            + "00000001" + "00000007" + "0002" + "0003" + "01" + "00000000" + "0000000000000010" + "00000200"
            + "00000001" + "0004" + "00000002" + "beef";

    private static final String VERSION_2 = "484c4943" + "0002" + "0000000000000009"
            + "00000002" + "cafe"
            + "00000001" + "00016c" + "0000000000000005"
            + "00000002" + "000161" + "000162"
            + "00000001" + "00000007" + "0002" + "0003" + "01"
            + "02" + "00000000" + "0000000000000010" + "00000200" + "00000001" + "0000000000000020" + "00000003"
            + "00000001" + "0004" + "00000002" + "beef";

    private static final String VERSION_3 = VERSION_2.replaceFirst("0002", "0003") + "1f937cda";

    private static Pack pack(String name) {
        StreamStateHandle handle = HANDLES.get(name);
        return new Pack(name, handle, handle.getStateSize());
    }

    private static ImageMetadata metadata() {
        FramePiece whole = new FramePiece(pack("a"), 16, 512);
        FramePiece changes = new FramePiece(pack("b"), 32, 3);
        FramePlace frame = new FramePlace(7, 2, 3, true, FramePieces.of(whole, changes), null);
        return new ImageMetadata(
                new UploadedImage(9, Map.of(7, frame)),
                new byte[] {(byte) 0xCA, (byte) 0xFE},
                Map.of("l", 5L),
                List.of(new ImageMetadata.HeapTimer(4, new byte[] {(byte) 0xBE, (byte) 0xEF})));
    }

    private static ImageMetadata read(String hex) throws Exception {
        return ImageMetadata.read(new DataInputDeserializer(HexFormat.of().parseHex(hex)), HANDLES);
    }

    @Test
    void goldenBytes() throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(64);
        metadata().write(out);
        assertThat(HexFormat.of().formatHex(out.getCopyOfBuffer())).isEqualTo(VERSION_3);
    }

    @Test
    void whatWasWrittenIsRead() throws Exception {
        for (String version : new String[] {VERSION_2, VERSION_3}) {
            assertThatAllIsThere(read(version));
        }
    }

    private static void assertThatAllIsThere(ImageMetadata read) {
        assertThat(read.image().epoch()).isEqualTo(9);
        assertThat(read.image().frames())
                .containsExactlyElementsOf(metadata().image().frames());
        assertThat(read.catalog()).isEqualTo(metadata().catalog());
        assertThat(read.sequences()).isEqualTo(Map.of("l", 5L));
        assertThat(read.timers()).singleElement().satisfies(timer -> {
            assertThat(timer.state()).isEqualTo(4);
            assertThat(timer.key()).isEqualTo(new byte[] {(byte) 0xBE, (byte) 0xEF});
        });
    }

    @Test
    void theVersionWithoutChangesIsRead() throws Exception {
        ImageMetadata read = read(VERSION_1);
        assertThat(read.image().frames())
                .containsExactly(
                        new FramePlace(7, 2, 3, true, FramePieces.of(new FramePiece(pack("a"), 16, 512)), null));
        assertThat(read.sequences()).isEqualTo(Map.of("l", 5L));
        assertThat(read.timers()).hasSize(1);
    }

    @Test
    void newerVersionsAndOthersAreRefused() {
        assertThatThrownBy(() -> read(VERSION_3.replaceFirst("0003", "0004")))
                .isInstanceOf(StateMigrationException.class)
                .hasMessageContaining("format 4");
        assertThatThrownBy(() -> read("00" + VERSION_3))
                .isInstanceOf(StateMigrationException.class)
                .hasMessageContaining("not taken by the Holt");
    }

    @Test
    void aMissingPackIsReported() {
        assertThatThrownBy(() -> ImageMetadata.read(
                        new DataInputDeserializer(HexFormat.of().parseHex(VERSION_3)), Map.of()))
                .isInstanceOf(StateMigrationException.class)
                .hasMessageContaining("pack of frames");
    }

    /** Each bit of what follows the version: none may leave out a frame, or change a timer, without a word. */
    @Test
    void damageIsReported() {
        byte[] whole = HexFormat.of().parseHex(VERSION_3);
        for (int bit = 6 * 8; bit < whole.length * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> ImageMetadata.read(new DataInputDeserializer(damaged), HANDLES))
                    .as("bit %d", bit)
                    .isInstanceOfAny(IOException.class, StateMigrationException.class);
        }
    }
}
