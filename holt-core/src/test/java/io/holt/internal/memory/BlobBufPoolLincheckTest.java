package io.holt.internal.memory;

import io.holt.api.HoltClosedException;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Leases, holders and close come and go as if behind a lock, and the slab is freed once, after the last of them. */
class BlobBufPoolLincheckTest {

    private static final int SLOTS = 2;

    @Test
    void lifetimeIsLinearizable() {
        new ModelCheckingOptions()
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(3)
                .actorsAfter(3)
                .iterations(20)
                .invocationsPerIteration(100)
                .sequentialSpecification(Counts.class)
                .check(Pool.class);
    }

    @Test
    void bufferClosedByTwoThreadsGivesItsSlotBackOnce() {
        new ModelCheckingOptions()
                .threads(2)
                .actorsPerThread(1)
                .actorsBefore(0)
                .actorsAfter(0)
                .iterations(1)
                .invocationsPerIteration(100)
                .sequentialSpecification(CloseWithoutError.class)
                .check(SharedBuffer.class);
    }

    /** A buffer that everybody closes. */
    public static final class SharedBuffer {
        private final BlobBufPool pool = newPool(new FakePages(4L << 20));
        private final AlignedBlobBuf buffer = AlignedBlobBuf.pooledOrPlain(pool);

        @Operation
        public void close() {
            buffer.close();
        }

        @Validate
        public void slotIsBack() {
            require(pool.leased() == (buffer.isClosed() ? 0 : 1));
        }
    }

    /** Closing answers nothing and throws nothing. */
    public static final class CloseWithoutError {
        public void close() {}
    }

    /** AssertJ's objects refuse a comparison that the model checker makes of all it meets. */
    private static void require(boolean condition) {
        if (!condition) {
            throw new AssertionError("broken after all threads have ended");
        }
    }

    private static BlobBufPool newPool(FakePages pages) {
        return new BlobBufPool(SLOTS, new ReservedRanges(pages, 2L << 20, 1, true), new LeakTracker(false));
    }

    /** The operations under test; each thread gives back only what it has. */
    public static final class Pool {
        private final FakePages pages = new FakePages(4L << 20);
        private final BlobBufPool pool = newPool(pages);
        private final int[][] slots = new int[8][16];
        private final int[] leases = new int[8];
        private final int[] holds = new int[8];

        @Operation
        public String lease(@Param(gen = ThreadIdGen.class) int thread) {
            try {
                int slot = pool.leaseSlot();
                if (slot == BlobBufPool.EXHAUSTED) {
                    return "exhausted";
                }
                slots[thread][leases[thread]++] = slot;
                return "leased";
            } catch (HoltClosedException closed) {
                return "closed";
            }
        }

        @Operation
        public boolean giveBack(@Param(gen = ThreadIdGen.class) int thread) {
            if (leases[thread] == 0) {
                return false;
            }
            pool.releaseSlot(slots[thread][--leases[thread]]);
            return true;
        }

        @Operation
        public String retain(@Param(gen = ThreadIdGen.class) int thread) {
            try {
                pool.retain();
                holds[thread]++;
                return "retained";
            } catch (HoltClosedException closed) {
                return "closed";
            }
        }

        @Operation
        public boolean release(@Param(gen = ThreadIdGen.class) int thread) {
            if (holds[thread] == 0) {
                return false;
            }
            holds[thread]--;
            pool.release();
            return true;
        }

        @Operation
        public void close() {
            pool.close();
        }

        @Operation
        public boolean isFreed() {
            return pool.isFreed();
        }

        @Validate
        public void slabIsFreedOnceIfAtAll() {
            require(pages.discarded().size() == (pool.isFreed() ? 1 : 0));
            require(pool.leased() >= 0 && pool.leased() <= SLOTS);
        }
    }

    /** What they should do, for one thread at a time. */
    public static final class Counts {
        private final int[] leases = new int[8];
        private final int[] holds = new int[8];
        private int leasesOfAll;
        private int holdsOfAll;
        private boolean closed;

        public String lease(int thread) {
            if (closed && holdsOfAll == 0) {
                return "closed";
            }
            if (leasesOfAll == SLOTS) {
                return "exhausted";
            }
            leasesOfAll++;
            leases[thread]++;
            return "leased";
        }

        public boolean giveBack(int thread) {
            if (leases[thread] == 0) {
                return false;
            }
            leases[thread]--;
            leasesOfAll--;
            return true;
        }

        public String retain(int thread) {
            if (closed) {
                return "closed";
            }
            holdsOfAll++;
            holds[thread]++;
            return "retained";
        }

        public boolean release(int thread) {
            if (holds[thread] == 0) {
                return false;
            }
            holds[thread]--;
            holdsOfAll--;
            return true;
        }

        public void close() {
            closed = true;
        }

        public boolean isFreed() {
            return closed && leasesOfAll == 0 && holdsOfAll == 0;
        }
    }
}
