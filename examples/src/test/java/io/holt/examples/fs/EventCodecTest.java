package io.holt.examples.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class EventCodecTest {

    private static final FileSystemEvent EVENT = new FileSystemEvent(
            0x0102030405060708L, EventKind.RESIZE, "m.x", "/m.x/d/F.class", "/m.x/d", 259, 1_767_225_600_001L);

    @Test
    void goldenBytesOfVersion1() {
        assertThat(HexFormat.of().formatHex(EventCodec.encode(EVENT)))
                .isEqualTo("01" + "02" + "0300" + "0600" + "0e00" + "0807060504030201" + "01a8da769b010000"
                        + "0301000000000000" + "2f6d2e782f642f462e636c617373");
    }

    @Test
    void everyEventComesBack() {
        for (FileSystemEvent event : new FileSystemEvents(SmallListing.make(), 7, 5_000)) {
            assertThat(EventCodec.decode(EventCodec.encode(event))).isEqualTo(event);
        }
    }

    @Test
    void pathsBeyondAsciiComeBack() {
        String directory = "/m\u00f6dule/\u65e5\u672c";
        FileSystemEvent event = new FileSystemEvent(
                1, EventKind.CREATE, "m\u00f6dule", directory + "/\ud83d\ude00.class", directory, 1, 2);

        assertThat(EventCodec.decode(EventCodec.encode(event))).isEqualTo(event);
    }

    @Test
    void theLongestPathComesBackAndALongerOneIsRefused() {
        FileSystemEvent longest = named("/m/" + "x".repeat(EventCodec.MAX_PATH_BYTES - 3));
        FileSystemEvent longer = named("/m/" + "x".repeat(EventCodec.MAX_PATH_BYTES - 2));

        assertThat(EventCodec.decode(EventCodec.encode(longest))).isEqualTo(longest);
        assertThatThrownBy(() -> EventCodec.encode(longer))
                .isInstanceOf(EventFormatException.class)
                .hasMessageContaining("65536");
    }

    @Test
    void aPathOutsideItsDirectoryIsRefused() {
        FileSystemEvent event = new FileSystemEvent(5, EventKind.CREATE, "m", "/m/x", "/m/d", 1, 2);

        assertThatThrownBy(() -> EventCodec.encode(event))
                .isInstanceOf(EventFormatException.class)
                .hasMessageContaining("event 5");
    }

    @Test
    void otherVersionsKindsAndLengthsAreRefused() {
        assertRefused(EventCodec.VERSION_OFFSET, 2, "version 2");
        assertRefused(EventCodec.KIND_OFFSET, 9, "code 9");
        assertRefused(EventCodec.PATH_LENGTH_OFFSET, 15, "path (15)");
        assertRefused(EventCodec.DIRECTORY_LENGTH_OFFSET, 15, "directory (15)");
        assertRefused(EventCodec.MODULE_LENGTH_OFFSET, 14, "module (14)");
        assertThatThrownBy(() -> EventCodec.decode(new byte[31]))
                .isInstanceOf(EventFormatException.class)
                .hasMessageContaining("31");
    }

    private static void assertRefused(int offset, int value, String message) {
        byte[] bytes = EventCodec.encode(EVENT);
        bytes[offset] = (byte) value;
        assertThatThrownBy(() -> EventCodec.decode(bytes))
                .isInstanceOf(EventFormatException.class)
                .hasMessageContaining(message);
    }

    private static FileSystemEvent named(String path) {
        return new FileSystemEvent(1, EventKind.CREATE, "m", path, "/m", 1, 2);
    }
}
