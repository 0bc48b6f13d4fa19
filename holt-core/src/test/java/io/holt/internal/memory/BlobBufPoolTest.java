package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltClosedException;
import io.holt.api.InvalidOptionException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobBufPoolTest {

    private static final long SLOT_BYTES = 512 * 1024;
    private static final long MIB = 1L << 20;

    private long liveBytesBefore;

    @BeforeEach
    void noteLiveBytes() {
        liveBytesBefore = BlobBufPool.liveBytes();
    }

    @AfterEach
    void nothingLeaks() {
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_537, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void otherThanOneTo65536SlotsAreRefused(int slots) {
        assertThatThrownBy(() -> new BlobBufPool(slots))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessage("option slots can't be " + slots + "; a memory pool has 1 to 65536 slots of 512 KiB");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 65_536})
    void slabHoldsAllSlotsAndPaddingFromAHugePageOn(int slots) {
        try (BlobBufPool pool = new BlobBufPool(slots)) {
            assertThat(pool.slots()).isEqualTo(slots);
            assertThat(pool.slabBytes()).isEqualTo(slots * SLOT_BYTES);
            assertThat(pool.capacityBytes()).isEqualTo(slots * SLOT_BYTES);
            assertThat(pool.slabAddress() % (2 * MIB)).isZero();
            assertThat(pool.address(0)).isEqualTo(pool.slabAddress());
            assertThat(pool.address(slots - 1)).isEqualTo(pool.slabAddress() + (slots - 1) * SLOT_BYTES);
            assertThat(pool.fixedBufferIndex(slots - 1)).isEqualTo((slots - 1) / 2048);

            long lastByte = pool.slabAddress() + pool.slabBytes() - 1;
            Memory.putByte(lastByte, 77);
            assertThat(Memory.getByte(lastByte)).isEqualTo((byte) 77);
            assertThat(Memory.getByte(lastByte + 256 * 1024)).isZero();
            assertThat(BlobBufPool.liveBytes() - liveBytesBefore).isEqualTo(slots * SLOT_BYTES);
        }
    }

    @Test
    void eachSlotIsLeasedOnceAndComesBack() {
        int slots = 1000;
        try (BlobBufPool pool = new BlobBufPool(slots)) {
            for (int round = 0; round < 3; round++) {
                Set<Integer> leased = new HashSet<>();
                for (int i = 0; i < slots; i++) {
                    leased.add(pool.leaseSlot());
                    assertThat(pool.leased()).isEqualTo(i + 1);
                    assertThat(pool.usedBytes()).isEqualTo((i + 1) * SLOT_BYTES);
                }
                assertThat(leased).hasSize(slots).allMatch(slot -> slot >= 0 && slot < slots);
                assertThat(pool.leaseSlot()).isEqualTo(-1);
                assertThat(pool.leased()).isEqualTo(slots);
                leased.forEach(pool::releaseSlot);
                assertThat(pool.leased()).isZero();
            }
        }
    }

    @Test
    void generationCountsTheLeasesOfASlot() {
        try (BlobBufPool pool = new BlobBufPool(2)) {
            assertThat(pool.generation(0)).isZero();
            for (int lease = 1; lease <= 5; lease++) {
                int slot = pool.leaseSlot();
                assertThat(slot).isZero();
                assertThat(pool.generation(0)).isEqualTo(lease);
                pool.releaseSlot(slot);
                assertThat(pool.generation(0)).isEqualTo(lease);
            }
            assertThat(pool.generation(1)).isZero();
        }
    }

    @Test
    void slotThatIsNotLeasedIsNotTakenBack() {
        try (BlobBufPool pool = new BlobBufPool(2)) {
            assertThatThrownBy(() -> pool.releaseSlot(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("slot 1 is not leased");
            int slot = pool.leaseSlot();
            pool.releaseSlot(slot);
            assertThatThrownBy(() -> pool.releaseSlot(slot)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pool.releaseSlot(2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(pool.leased()).isZero();
            assertThat(pool.leaseSlot()).isNotEqualTo(pool.leaseSlot());
            assertThat(pool.leaseSlot()).isEqualTo(BlobBufPool.EXHAUSTED);
            pool.releaseSlot(0);
            pool.releaseSlot(1);
        }
    }

    @Test
    void slabIsFreedWhenClosedAndTheLastLeaseIsBack() {
        BlobBufPool pool = new BlobBufPool(4);
        AlignedBlobBuf first = AlignedBlobBuf.pooled(pool).orElseThrow();
        AlignedBlobBuf second = AlignedBlobBuf.pooled(pool).orElseThrow();
        pool.close();
        pool.close();
        Memory.putLong(second.address(), 42);
        first.close();
        first.close();
        assertThat(pool.isFreed()).isFalse();
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore + 4 * SLOT_BYTES);
        assertThat(Memory.getLong(second.address())).isEqualTo(42);

        second.close();
        assertThat(pool.isFreed()).isTrue();
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
        pool.close();
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    @Test
    void slabIsFreedWhenClosedAndTheLastHolderLetsGo() {
        BlobBufPool pool = new BlobBufPool(1);
        pool.retain();
        pool.close();
        assertThat(pool.isFreed()).isFalse();
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore + SLOT_BYTES);
        pool.release();
        assertThat(pool.isFreed()).isTrue();
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    @Test
    void openPoolIsNotFreedByItsLastLease() {
        BlobBufPool pool = new BlobBufPool(1);
        pool.releaseSlot(pool.leaseSlot());
        pool.retain();
        pool.release();
        assertThat(pool.isFreed()).isFalse();
        pool.close();
        assertThat(pool.isFreed()).isTrue();
    }

    @Test
    void slabOutlivesCloseAndCanBeLeasedWhileRetained() {
        BlobBufPool pool = new BlobBufPool(1);
        pool.retain();
        pool.retain();
        pool.close();
        int slot = pool.leaseSlot();
        pool.release();
        pool.releaseSlot(slot);
        assertThat(pool.isFreed()).isFalse();
        slot = pool.leaseSlot();
        pool.release();
        assertThat(pool.isFreed()).isFalse();
        pool.releaseSlot(slot);
        assertThat(pool.isFreed()).isTrue();
    }

    @Test
    void closedPoolRefusesNewHoldersAndLeases() {
        BlobBufPool pool = new BlobBufPool(2);
        AlignedBlobBuf last = AlignedBlobBuf.pooled(pool).orElseThrow();
        pool.close();
        assertThatThrownBy(pool::leaseSlot)
                .isInstanceOf(HoltClosedException.class)
                .hasMessage("this memory pool is closed");
        assertThatThrownBy(pool::retain).isInstanceOf(HoltClosedException.class);
        assertThatThrownBy(() -> AlignedBlobBuf.pooled(pool)).isInstanceOf(HoltClosedException.class);
        assertThatThrownBy(() -> AlignedBlobBuf.pooledOrPlain(pool)).isInstanceOf(HoltClosedException.class);
        assertThatThrownBy(() -> AlignedBlobBuf.copyOf(last)).isInstanceOf(HoltClosedException.class);
        last.close();
        assertThatThrownBy(pool::leaseSlot).isInstanceOf(HoltClosedException.class);
        assertThatThrownBy(pool::release).isInstanceOf(IllegalStateException.class);
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    @Test
    void releaseWithoutRetainIsRefused() {
        try (BlobBufPool pool = new BlobBufPool(1)) {
            int slot = pool.leaseSlot();
            assertThatThrownBy(pool::release).isInstanceOf(IllegalStateException.class);
            assertThat(pool.leased()).isEqualTo(1);
            pool.releaseSlot(slot);
        }
    }

    @Test
    void operatingSystemsRefusalIsATypedError() {
        ReservedRanges refusing = new ReservedRanges(new FakePages(0), 2 * MIB, 1, true);
        assertThatThrownBy(() -> new BlobBufPool(3, refusing, new LeakTracker(true)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("option slots can't be 3; the operating system refused 1572864 bytes")
                .hasMessageContaining("errno 12");
    }

    @Test
    void poolWorksOnPortablePages() {
        ReservedRanges portable = new ReservedRanges(new PortablePages(), 2 * MIB, 1, true);
        for (int round = 0; round < 2; round++) {
            try (BlobBufPool pool = new BlobBufPool(3, portable, new LeakTracker(false))) {
                assertThat(pool.slabAddress() % (2 * MIB)).isZero();
                for (long at = pool.slabAddress(); at < pool.slabAddress() + pool.slabBytes(); at += 8) {
                    assertThat(Memory.getLong(at)).isZero();
                }
                Memory.fill(pool.slabAddress(), pool.slabBytes(), 0xFF);
            }
            assertThat(portable.idleBytes()).isEqualTo(2 * MIB);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pagesAreGivenBackAndAddressesStayReadable() {
        BlobBufPool pool = new BlobBufPool(9);
        long slab = pool.slabAddress();
        long range = pool.slabBytes() + ReservedRanges.PADDING_BYTES;
        Memory.fill(slab, pool.slabBytes(), 1);
        assertThat(Pagemap.residentBytes(slab, range)).isEqualTo(pool.slabBytes());
        pool.close();
        assertThat(Pagemap.residentBytes(slab, range)).isZero();
        assertThat(Pagemap.mappingFlags(slab)).contains("rd", "wr");
        assertThat(Pagemap.mappingFlags(slab + range - 1)).contains("rd", "wr");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void hugePagesAreAskedForWhereTheyLieWithinTheSlots() {
        try (BlobBufPool pool = new BlobBufPool(9)) {
            assertThat(Pagemap.mappingFlags(pool.slabAddress())).contains("hg");
            assertThat(Pagemap.mappingFlags(pool.address(7))).contains("hg");
            assertThat(Pagemap.mappingFlags(pool.address(8))).doesNotContain("hg");
        }
        try (AlignedBlobBuf plain = AlignedBlobBuf.zeroed()) {
            assertThat(Pagemap.mappingFlags(plain.address())).doesNotContain("hg");
        }
    }
}
