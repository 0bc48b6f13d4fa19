package io.holt.benchmarks.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationStreamTest {

    @Test
    void firstNumbersOfTheSeed() {
        SplitMix64 random = new SplitMix64(SplitMix64.SEED);
        assertThat(random.nextLong()).isEqualTo(0x0d7d93560d1929d2L);
        assertThat(random.nextLong()).isEqualTo(0x491dfb740e50d43fL);
        assertThat(random.nextLong()).isEqualTo(0x42722bf4473e5e7dL);
    }

    @ParameterizedTest
    @CsvSource({
        "  1, 2529470876, 4124238518, 1468747924, ca78d999",
        "  2,  581422854, 1489917116, 1305824566, a0b86ab7",
        "  3, 3093718616, 3923731694, 2900309871, 298b3e7e",
        " 11, 3890489669, 2268759164, 3854011596, dc7aaa95",
        " 12,  261258317,   85524059, 4028136756, c02cca2f",
        " 13,  918082535, 4011229370, 1316686492, c49c841e",
        " 40,  377263966, 2169230261, 2233955316, be78ab95",
        " 41, 2538216438, 3985712685,  256650913, 50df98c9",
        " 71, 1482655558,  917053500,  237606244, 7c2eece4",
        "101, 1805406370, 1774856946,  614153973, 0f2f459c",
        "102, 2736613055, 3617194760, 4078242219, 85f0d98e",
    })
    void numbersAreThoseOfTheSpecification(int distance, long first, long second, long third, String crc) {
        SplitMix64 random = new SplitMix64(SplitMix64.SEED + distance);
        ByteBuffer bytes = ByteBuffer.allocate(4_000).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putInt(random.nextInt());
        }
        assertThat(Integer.toUnsignedLong(bytes.getInt(0))).isEqualTo(first);
        assertThat(Integer.toUnsignedLong(bytes.getInt(4))).isEqualTo(second);
        assertThat(Integer.toUnsignedLong(bytes.getInt(8))).isEqualTo(third);
        CRC32 crc32 = new CRC32();
        crc32.update(bytes.array());
        assertThat(HexFormat.of().toHexDigits((int) crc32.getValue())).isEqualTo(crc);
    }

    @ParameterizedTest
    @CsvSource({
        "BASE_GET, 1",
        "BASE_PUT, 2",
        "MIXED, 3",
        "PERSIST_GET, 11",
        "PERSIST_PUT, 12",
        "PERSIST_MIXED, 13",
        "SCALE_GET, 40",
        "SCALE_PUT, 41",
        "METADATA_MIX, 71",
        "AFTER_SNAPSHOT, 411",
    })
    void streamsBeginAtTheirSeeds(OperationStream stream, int distance) {
        assertThat(stream.begin().nextLong()).isEqualTo(new SplitMix64(SplitMix64.SEED + distance).nextLong());
    }

    @Test
    void indexesAreUnsignedRemainders() {
        assertThat(OperationStream.MIXED.begin().nextIndex(1_000)).isEqualTo(616);
    }

    @Test
    void onlyWholeGroupsAreFilled() {
        assertThatThrownBy(() -> new SplitMix64(1).fill(new byte[12]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12 bytes");
    }
}
