package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class PagesAheadTest {

    private static final long SLOT_BYTES = AlignedBlobBuf.BYTES;
    private static final long MIB = 1L << 20;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** Pages that take as long as the test wants, and can be refused. */
    private static final class SlowPages implements PageSource {
        private final FakePages pages = new FakePages(1L << 40);
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch mayEnd = new CountDownLatch(1);
        private final AtomicInteger calls = new AtomicInteger();
        private volatile boolean refuses;

        @Override
        public long reserve(long bytes, long alignment) {
            return pages.reserve(bytes, alignment);
        }

        @Override
        public void discard(long address, long bytes) {
            pages.discard(address, bytes);
        }

        @Override
        public void adviseHugePages(long address, long bytes, boolean wanted) {}

        @Override
        public boolean populate(long address, long bytes) {
            calls.incrementAndGet();
            begun.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return !refuses && pages.populate(address, bytes);
        }
    }

    private static BlobBufPool pool(int slots, PageSource pages) {
        return new BlobBufPool(slots, new ReservedRanges(pages, 2 * MIB, 1, true), new LeakTracker(false));
    }

    private static void lease(BlobBufPool pool, int slots) {
        for (int i = 0; i < slots; i++) {
            pool.leaseSlot();
        }
    }

    private static void release(BlobBufPool pool, int slots) {
        for (int slot = 0; slot < slots; slot++) {
            pool.releaseSlot(slot);
        }
    }

    private static List<String> await(FakePages pages, int steps) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (pages.populated().size() < steps && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        return pages.populated();
    }

    @Test
    void fewSlotsAreLeftAlone() {
        FakePages pages = new FakePages(1L << 40);
        BlobBufPool pool = pool(1_000, pages);
        lease(pool, 16);
        release(pool, 16);
        lease(pool, 16);
        release(pool, 16);
        pool.close();
        assertThat(pages.populated()).isEmpty();
    }

    /** In steps of a huge page, and not of one in which a slot is leased: who uses that finds it. */
    @Test
    void aQuarterMoreThanWasLeasedIsFound() {
        FakePages pages = new FakePages(1L << 40);
        BlobBufPool pool = pool(1_000, pages);
        long slab = pool.slabAddress();
        lease(pool, 33);
        assertThat(await(pages, 1)).containsExactly(slab + 36 * SLOT_BYTES + "+" + 2 * MIB);
        lease(pool, 37 - 33);
        release(pool, 37);
        pool.close();
        assertThat(pages.populated()).hasSizeLessThanOrEqualTo(2);
    }

    /** However many were leased before. */
    @Test
    void asManyAreFoundAsAreAskedFor() {
        FakePages pages = new FakePages(1L << 40);
        BlobBufPool pool = pool(1_000, pages);
        long slab = pool.slabAddress();
        lease(pool, 10);
        pool.findPages(20);
        assertThat(pages.populated())
                .containsExactly(
                        slab + 16 * SLOT_BYTES + "+" + 2 * MIB,
                        slab + 20 * SLOT_BYTES + "+" + 2 * MIB,
                        slab + 24 * SLOT_BYTES + "+" + 2 * MIB,
                        slab + 28 * SLOT_BYTES + "+" + 2 * MIB);
        pool.findPages(20);
        assertThat(pages.populated()).hasSize(4);
        release(pool, 10);
        pool.close();
    }

    @Test
    void nothingIsFoundBehindTheLastSlot() {
        FakePages pages = new FakePages(1L << 40);
        BlobBufPool pool = pool(38, pages);
        long slab = pool.slabAddress();
        lease(pool, 33);
        assertThat(await(pages, 1)).containsExactly(slab + 36 * SLOT_BYTES + "+" + MIB);
        release(pool, 33);
        pool.close();
    }

    /** What was given back may be lent to another pool: its pages must not come back. */
    @Test
    void closingWaitsForWhatIsUnderWay() throws InterruptedException {
        SlowPages slow = new SlowPages();
        BlobBufPool pool = pool(1_000, slow);
        lease(pool, 100);
        slow.begun.await();
        release(pool, 100);
        Thread closing = Thread.ofPlatform().start(pool::close);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (closing.getState() != Thread.State.BLOCKED && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertThat(slow.pages.discarded()).isEmpty();
        slow.mayEnd.countDown();
        closing.join();
        assertThat(slow.pages.discarded()).hasSize(1);
        assertThat(slow.calls).as("steps after the first").hasValue(1);
    }

    @Test
    void leasingNeverWaitsAndARefusalIsTheLastTry() throws InterruptedException {
        SlowPages slow = new SlowPages();
        slow.refuses = true;
        BlobBufPool pool = pool(1_000, slow);
        lease(pool, 500);
        slow.begun.await();
        lease(pool, 400);
        assertThat(slow.calls).hasValue(1);
        slow.mayEnd.countDown();
        release(pool, 900);
        pool.close();
        assertThat(slow.calls).hasValue(1);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pagesThatAreFoundKeepWhatTheyHold() {
        long bytes = 4 * MIB;
        LinuxPages pages = new LinuxPages();
        long address = pages.reserve(bytes, 2 * MIB);
        Memory.register(address, bytes);
        Memory.putLong(address + 8, 77);
        if (pages.populate(address, bytes)) {
            assertThat(Pagemap.residentBytes(address, bytes)).isEqualTo(bytes);
        }
        assertThat(Memory.getLong(address + 8)).isEqualTo(77);
        assertThat(Memory.getLong(address + bytes - 8)).isZero();
        pages.discard(address, bytes);
        Memory.unregister(address, bytes);
    }
}
