package io.holt.examples.kstreams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

final class FormatsTest {

    @Test
    void keysOfADirectoryHaveAPrefixOfTheirOwn() {
        String key = Formats.fileKey("/m/a", "/m/a/b.class");

        assertThat(key).isEqualTo("/m/a\0b.class").startsWith(Formats.filePrefix("/m/a"));
        assertThat(Formats.path(key)).isEqualTo("/m/a/b.class");
        assertThat(Formats.fileKey("/m/a/c", "/m/a/c/d")).doesNotStartWith(Formats.filePrefix("/m/a"));
        assertThat(Formats.fileKey("/m/ab", "/m/ab/d")).doesNotStartWith(Formats.filePrefix("/m/a"));
    }

    @Test
    void valuesAreReadBackFromBytesThatNeverChange() {
        FileEntry entry = new FileEntry(2, 0x1234);
        byte[] bytes = Formats.files().serializer().serialize("", entry);

        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("02000000000000003412000000000000");
        assertThat(Formats.files().deserializer().deserialize("", bytes)).isEqualTo(entry);

        DirectoryTotals totals = new DirectoryTotals(1, 2, 3, -4, Long.MIN_VALUE);
        assertThat(Formats.directories()
                        .deserializer()
                        .deserialize("", Formats.directories().serializer().serialize("", totals)))
                .isEqualTo(totals);
        assertThat(Formats.files().serializer().serialize("", null)).isNull();
        assertThat(Formats.files().deserializer().deserialize("", null)).isNull();
    }

    @Test
    void bytesOfAnotherLengthAreRefused() {
        assertThatThrownBy(() -> Formats.directories().deserializer().deserialize("", new byte[16]))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("has 40 bytes, and this one has 16");
    }
}
