package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltClosedException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlignedBlobBufTest {

    private static final int BYTES = 512 * 1024;

    private long liveBytesBefore;

    @BeforeEach
    void noteLiveBytes() {
        liveBytesBefore = BlobBufPool.liveBytes();
    }

    @AfterEach
    void nothingLeaks() {
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    @Test
    void everyBufferIsAlignedAndReadableToItsLastByte() {
        try (BlobBufPool pool = new BlobBufPool(5)) {
            List<Supplier<AlignedBlobBuf>> factories = List.of(
                    AlignedBlobBuf::zeroed,
                    AlignedBlobBuf::uninitialized,
                    () -> AlignedBlobBuf.pooled(pool).orElseThrow(),
                    () -> AlignedBlobBuf.pooledOrPlain(pool));
            List<AlignedBlobBuf> buffers = new ArrayList<>();
            for (int round = 0; round < 2; round++) {
                for (Supplier<AlignedBlobBuf> factory : factories) {
                    AlignedBlobBuf buffer = factory.get();
                    buffers.add(buffer);
                    assertThat(buffer.address() % 4096).isZero();
                    assertThat(buffer.segment().byteSize()).isEqualTo(BYTES);
                    Memory.putLong(buffer.address() + BYTES - 8, 0x1122334455667788L);
                    assertThat(buffer.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, BYTES - 8))
                            .isEqualTo(0x1122334455667788L);
                }
            }
            buffers.forEach(AlignedBlobBuf::close);
        }
    }

    @Test
    void zeroedBuffersAreZeroAlsoInMemoryThatWasUsedBefore() {
        for (int round = 0; round < 3; round++) {
            try (AlignedBlobBuf buffer = AlignedBlobBuf.zeroed()) {
                assertThat(nonZeroBytes(buffer)).isZero();
                Memory.fill(buffer.address(), BYTES, 0xA5);
                assertThat(nonZeroBytes(buffer)).isEqualTo(BYTES);
            }
        }
    }

    @Test
    void zeroedLikeIsZeroAndFromTheSamePlace() {
        try (BlobBufPool pool = new BlobBufPool(2)) {
            AlignedBlobBuf dirty = AlignedBlobBuf.pooled(pool).orElseThrow();
            AlignedBlobBuf alsoDirty = AlignedBlobBuf.pooled(pool).orElseThrow();
            Memory.fill(dirty.address(), BYTES, 0x5A);
            Memory.fill(alsoDirty.address(), BYTES, 0x5A);
            alsoDirty.close();

            AlignedBlobBuf pooled = AlignedBlobBuf.zeroedLike(dirty);
            assertThat(pooled.isPooled()).isTrue();
            assertThat(nonZeroBytes(pooled)).isZero();
            assertThat(nonZeroBytes(dirty)).isEqualTo(BYTES);

            AlignedBlobBuf fallback = AlignedBlobBuf.zeroedLike(dirty);
            assertThat(fallback.isPooled()).isFalse();
            assertThat(nonZeroBytes(fallback)).isZero();

            AlignedBlobBuf plain = AlignedBlobBuf.zeroedLike(fallback);
            assertThat(plain.isPooled()).isFalse();
            List.of(dirty, pooled, fallback, plain).forEach(AlignedBlobBuf::close);
        }
    }

    @Test
    void copiesHaveTheSameBytesAndGoTheirOwnWays() {
        try (BlobBufPool pool = new BlobBufPool(2);
                AlignedBlobBuf plain = AlignedBlobBuf.uninitialized();
                AlignedBlobBuf pooled = AlignedBlobBuf.pooled(pool).orElseThrow()) {
            for (AlignedBlobBuf original : List.of(plain, pooled)) {
                byte[] bytes = new byte[BYTES];
                new Random(original.address()).nextBytes(bytes);
                Memory.copyFromArray(bytes, 0, original.address(), BYTES);
                try (AlignedBlobBuf copy = AlignedBlobBuf.copyOf(original)) {
                    assertThat(copy.isPooled()).isEqualTo(original.isPooled());
                    assertThat(bytesOf(copy)).isEqualTo(bytes);

                    Memory.fill(original.address(), BYTES, 1);
                    assertThat(bytesOf(copy)).isEqualTo(bytes);

                    Memory.fill(copy.address(), BYTES, 2);
                    assertThat(bytesOf(original)).containsOnly(1);
                }
            }
        }
    }

    @Test
    void openBuffersNeverOverlap() {
        try (BlobBufPool pool = new BlobBufPool(3)) {
            List<AlignedBlobBuf> buffers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                buffers.add(AlignedBlobBuf.pooledOrPlain(pool));
            }
            List<Long> starts =
                    buffers.stream().map(AlignedBlobBuf::address).sorted().toList();
            for (int i = 1; i < starts.size(); i++) {
                assertThat(starts.get(i) - starts.get(i - 1)).isGreaterThanOrEqualTo(BYTES);
            }
            assertThat(buffers.stream().filter(AlignedBlobBuf::isPooled)).hasSize(3);
            buffers.forEach(AlignedBlobBuf::close);
        }
    }

    @Test
    void exhaustedPoolAnswersEmptyUntilABufferComesBack() {
        try (BlobBufPool pool = new BlobBufPool(2)) {
            AlignedBlobBuf first = AlignedBlobBuf.pooled(pool).orElseThrow();
            AlignedBlobBuf second = AlignedBlobBuf.pooled(pool).orElseThrow();
            assertThat(AlignedBlobBuf.pooled(pool)).isEmpty();
            try (AlignedBlobBuf fallback = AlignedBlobBuf.pooledOrPlain(pool)) {
                assertThat(fallback.fixedBufferIndex()).isEqualTo(AlignedBlobBuf.NOT_FIXED);
            }
            assertThat(pool.leased()).isEqualTo(2);

            long freedAddress = first.address();
            first.close();
            Optional<AlignedBlobBuf> again = AlignedBlobBuf.pooled(pool);
            assertThat(again).isPresent();
            assertThat(again.get().address()).isEqualTo(freedAddress);
            again.get().close();
            second.close();
        }
    }

    @Test
    void fixedBufferIndexNamesTheRegisteredPartWhileLeased() {
        int slotsInPart = (int) (BlobBufPool.FIXED_BUFFER_BYTES / BYTES);
        try (BlobBufPool pool = new BlobBufPool(slotsInPart + 1)) {
            List<AlignedBlobBuf> buffers = new ArrayList<>();
            for (int i = 0; i <= slotsInPart; i++) {
                buffers.add(AlignedBlobBuf.pooled(pool).orElseThrow());
            }
            for (AlignedBlobBuf buffer : buffers) {
                long partStart = pool.slabAddress() + buffer.fixedBufferIndex() * BlobBufPool.FIXED_BUFFER_BYTES;
                assertThat(buffer.address()).isBetween(partStart, partStart + BlobBufPool.FIXED_BUFFER_BYTES - BYTES);
            }
            assertThat(buffers.stream()
                            .mapToInt(AlignedBlobBuf::fixedBufferIndex)
                            .max())
                    .hasValue(1);
            buffers.forEach(AlignedBlobBuf::close);
            assertThatThrownBy(buffers.getFirst()::fixedBufferIndex).isInstanceOf(HoltClosedException.class);
        }
        try (AlignedBlobBuf plain = AlignedBlobBuf.zeroed()) {
            assertThat(plain.fixedBufferIndex()).isEqualTo(AlignedBlobBuf.NOT_FIXED);
        }
    }

    @Test
    void useAfterCloseIsRefusedByEveryMethod() {
        try (BlobBufPool pool = new BlobBufPool(2)) {
            for (AlignedBlobBuf buffer :
                    List.of(AlignedBlobBuf.pooled(pool).orElseThrow(), AlignedBlobBuf.uninitialized())) {
                buffer.close();
                assertThat(buffer.isClosed()).isTrue();
                assertThatThrownBy(buffer::address)
                        .isInstanceOf(HoltClosedException.class)
                        .hasMessage("this buffer is closed");
                assertThatThrownBy(buffer::segment).isInstanceOf(HoltClosedException.class);
                assertThatThrownBy(buffer::fixedBufferIndex).isInstanceOf(HoltClosedException.class);
                assertThatThrownBy(() -> AlignedBlobBuf.copyOf(buffer)).isInstanceOf(HoltClosedException.class);
                assertThatThrownBy(() -> AlignedBlobBuf.zeroedLike(buffer)).isInstanceOf(HoltClosedException.class);
            }
            assertThat(pool.leased()).isZero();
        }
    }

    @Test
    void closingTwiceDoesNotTakeTheSlotFromItsNextHolder() {
        try (BlobBufPool pool = new BlobBufPool(1)) {
            AlignedBlobBuf first = AlignedBlobBuf.pooled(pool).orElseThrow();
            first.close();
            try (AlignedBlobBuf second = AlignedBlobBuf.pooled(pool).orElseThrow()) {
                first.close();
                assertThat(pool.leased()).isEqualTo(1);
                assertThat(AlignedBlobBuf.pooled(pool)).isEmpty();
                Memory.putLong(second.address(), 1);
            }
        }
        AlignedBlobBuf plain = AlignedBlobBuf.zeroed();
        plain.close();
        plain.close();
    }

    private static byte[] bytesOf(AlignedBlobBuf buffer) {
        byte[] bytes = new byte[BYTES];
        Memory.copyToArray(buffer.address(), bytes, 0, BYTES);
        return bytes;
    }

    private static int nonZeroBytes(AlignedBlobBuf buffer) {
        int count = 0;
        for (byte b : bytesOf(buffer)) {
            count += b == 0 ? 0 : 1;
        }
        return count;
    }
}
