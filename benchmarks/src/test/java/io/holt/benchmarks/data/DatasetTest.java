package io.holt.benchmarks.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetTest {

    @ParameterizedTest
    @CsvSource({
        "KV,        20000, 6,  1920000, c8766e97",
        "KV,       100000, 6,  9600000, daa703e7",
        "KV,       500000, 6, 48000000, 0ffcffc5",
        "OBJSTORE,  20000, 4,  1620000, 11925a66",
        "OBJSTORE,  20000, 6,  1660000, b7cb3bba",
        "OBJSTORE, 100000, 6,  8300000, 0947abe6",
        "OBJSTORE, 500000, 6, 41500000, 7680904f",
        "FS,        20000, 4,  1387500, 1301ed72",
        "FS,        20000, 6,  1427500, 2d75a47f",
        "FS,       100000, 6,  7137500, c0e7cf4d",
        "FS,       500000, 6, 35687500, 9263c588",
    })
    void bytesAreThoseOfTheSpecification(DatasetKind kind, int records, int digits, long bytes, String crc) {
        check(kind, records, digits, bytes, crc);
    }

    @ParameterizedTest
    @EnabledIfSystemProperty(named = "holt.benchmarks.large", matches = "true")
    @CsvSource({
        "KV,       2000000, 6, 192000000, 11edae5d",
        "OBJSTORE, 2000000, 6, 166000000, c05746e9",
        "FS,       2000000, 6, 142750000, 19759f94",
    })
    void bytesOfTwoMillionRecordsAreThoseOfTheSpecification(
            DatasetKind kind, int records, int digits, long bytes, String crc) {
        check(kind, records, digits, bytes, crc);
    }

    private static void check(DatasetKind kind, int records, int digits, long bytes, String crc) {
        Dataset dataset = Dataset.of(kind, records, digits);
        assertThat(dataset.records()).isEqualTo(records);
        assertThat(dataset.bytes()).isEqualTo(bytes);
        assertThat(HexFormat.of().toHexDigits((int) dataset.crc32())).isEqualTo(crc);
    }

    @Test
    void examplesOfRecords() {
        Dataset kv = Dataset.of(DatasetKind.KV, 20_000, Dataset.BASE_DIGITS);
        assertThat(HexFormat.of().formatHex(kv.key(0)))
                .isEqualTo("d229190d56937d0d3fd4500e74fb1d497d5e3e47f42b724245fcff90078acad6");
        assertThat(HexFormat.of().formatHex(kv.key(19_999)))
                .isEqualTo("82de3093c328b134256c57e143177d3a321761d7cd2b824abcaf5582f92d4799");

        Dataset objstore = Dataset.of(DatasetKind.OBJSTORE, 20_000, Dataset.BASE_DIGITS);
        assertThat(new String(objstore.key(19_999), US_ASCII)).isEqualTo("bucket-31/path/sub/file-0624.bin");
        assertThat(new String(objstore.value(19_999), US_ASCII))
                .isEqualTo("{\"size\":00627100,\"etag\":\"00007b88\",\"class\":\"STD\"}");

        Dataset fs = Dataset.of(DatasetKind.FS, 20_000, Dataset.BASE_DIGITS);
        assertThat(new String(fs.key(0), US_ASCII)).isEqualTo("/usr/local/share/category-0/file-0000");
        assertThat(HexFormat.of().formatHex(fs.value(19_999)))
                .isEqualTo("0084130000000000e1f5536500000000a4010000e8030000e803000001000000");
    }

    @Test
    void numbersThatNeedMoreDigitsAreRefused() {
        assertThatThrownBy(() -> Dataset.of(DatasetKind.FS, 200_000, Dataset.BASE_DIGITS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12500 files");
    }
}
