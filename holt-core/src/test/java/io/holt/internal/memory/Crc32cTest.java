package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class Crc32cTest {

    private static AlignedBlobBuf buffer;

    @BeforeAll
    static void open() {
        buffer = AlignedBlobBuf.zeroed();
    }

    @AfterAll
    static void close() {
        buffer.close();
    }

    /** The test vectors of RFC 3720, B.4, and the check value of the catalogues of CRCs. */
    @Test
    void knownVectors() {
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte) 0xFF);
        byte[] ascending = new byte[32];
        byte[] descending = new byte[32];
        for (int i = 0; i < 32; i++) {
            ascending[i] = (byte) i;
            descending[i] = (byte) (31 - i);
        }
        assertSum(new byte[32], 0x8A9136AA);
        assertSum(ones, 0x62A8AB43);
        assertSum(ascending, 0x46DD794E);
        assertSum(descending, 0x113FDB5C);
        assertSum("123456789".getBytes(StandardCharsets.US_ASCII), 0xE3069283);
        assertSum(new byte[0], 0);
    }

    private static void assertSum(byte[] bytes, int expected) {
        assertThat(Crc32c.of(bytes, 0, bytes.length)).isEqualTo(expected);
        Memory.copyFromArray(bytes, 0, buffer.address(), bytes.length);
        assertThat(Crc32c.of(buffer.address(), bytes.length)).isEqualTo(expected);
    }

    @Test
    void memoryAndArrayAgreeWithTheBitwiseDefinitionAtAnyOffsetAndLength() {
        Random random = new Random(11);
        byte[] bytes = new byte[9000];
        random.nextBytes(bytes);
        long address = buffer.address() + 4096;
        Memory.copyFromArray(bytes, 0, address, bytes.length);
        for (int round = 0; round < 2000; round++) {
            int offset = random.nextInt(bytes.length);
            int count = random.nextInt(Math.min(bytes.length - offset, round < 1900 ? 100 : 9000) + 1);
            int expected = bitwise(bytes, offset, count);
            assertThat(Crc32c.of(bytes, offset, count)).isEqualTo(expected);
            assertThat(Crc32c.of(address + offset, count)).isEqualTo(expected);
            int cut = random.nextInt(count + 1);
            assertThat(new Crc32c()
                            .update(address + offset, cut)
                            .update(bytes, offset + cut, count - cut)
                            .value())
                    .isEqualTo(expected);
            assertThat(new Crc32c()
                            .update(address + offset, cut, address + offset + cut, count - cut)
                            .value())
                    .isEqualTo(expected);
        }
    }

    @Test
    void resetForgetsWhatCameBefore() {
        Crc32c sum = new Crc32c().update(new byte[] {1, 2, 3}, 0, 3);
        sum.reset();
        assertThat(sum.value()).isZero();
        assertThat(sum.update("123456789".getBytes(StandardCharsets.US_ASCII), 0, 9)
                        .value())
                .isEqualTo(0xE3069283);
    }

    @Test
    void rangesBeyondAByteBufferAreSummedWhole() {
        // 3 GiB of address space of which hardly a page is touched: reading the others maps one page of zeros.
        byte[] frame = new byte[AlignedBlobBuf.BYTES];
        try (BlobBufPool pool = new BlobBufPool(3 * 2048)) {
            Crc32c expected = new Crc32c();
            for (int slot = 0; slot < pool.slots(); slot++) {
                if (slot % 2047 == 0) {
                    Memory.putByte(pool.address(slot), slot >> 5);
                    frame[0] = (byte) (slot >> 5);
                }
                expected.update(frame, 0, frame.length);
                frame[0] = 0;
            }
            assertThat(Crc32c.of(pool.slabAddress(), pool.slabBytes())).isEqualTo(expected.value());
        }
    }

    @Test
    void partOutsideTheArrayIsRefused() {
        assertThatThrownBy(() -> Crc32c.of(new byte[4], 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static int bitwise(byte[] bytes, int offset, int count) {
        int sum = -1;
        for (int i = offset; i < offset + count; i++) {
            sum ^= bytes[i] & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                sum = (sum >>> 1) ^ ((sum & 1) * 0x82F63B78);
            }
        }
        return ~sum;
    }
}
