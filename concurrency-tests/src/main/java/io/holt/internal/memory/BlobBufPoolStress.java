package io.holt.internal.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.holt.api.HoltClosedException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** I7 on the pool alone: leases never exceed the slots, and the slab is freed once. */
public final class BlobBufPoolStress {

    /** A pool that was closed. */
    private static final int CLOSED = -2;

    private BlobBufPoolStress() {}

    private static BlobBufPool pool(NumberedPages pages) {
        ReservedRanges ranges = new ReservedRanges(pages, ReservedRanges.HUGE_PAGE_BYTES, 1, false);
        return new BlobBufPool(1, ranges, new LeakTracker(false));
    }

    /** Two threads ask for the only slot. */
    @JCStressTest
    @Outcome(
            id = {"0, -1, 1", "-1, 0, 1"},
            expect = ACCEPTABLE,
            desc = "The first one has it, the other one is told that there is none.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, nobody has, or the count is wrong.")
    @State
    public static class LastSlot {
        private final BlobBufPool pool = pool(new NumberedPages());

        @Actor
        public void one(III_Result r) {
            r.r1 = pool.leaseSlot();
        }

        @Actor
        public void two(III_Result r) {
            r.r2 = pool.leaseSlot();
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = pool.leased();
        }
    }

    /** Two threads give back the same slot, one of them by mistake. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 0", "0, 1, 0"},
            expect = ACCEPTABLE,
            desc = "The first one does, the other one is refused.")
    @Outcome(expect = FORBIDDEN, desc = "The slot is free twice, or not at all, or one was refused too late (-1).")
    @State
    public static class GivenBackTwice {
        private final BlobBufPool pool = pool(new NumberedPages());
        private final int slot = pool.leaseSlot();

        private int giveBack() {
            try {
                pool.releaseSlot(slot);
                return 1;
            } catch (IllegalStateException refused) {
                // The pool's own count is the second line: by then the slot is on the free list twice.
                return refused.getMessage().contains("is not leased") ? 0 : -1;
            }
        }

        @Actor
        public void one(III_Result r) {
            r.r1 = giveBack();
        }

        @Actor
        public void two(III_Result r) {
            r.r2 = giveBack();
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = pool.leased();
        }
    }

    /** The only slot is given back while another thread asks for one. */
    @JCStressTest
    @Outcome(id = "-1, 0", expect = ACCEPTABLE, desc = "It was asked for too early.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "It went to the one that asked.")
    @Outcome(expect = FORBIDDEN, desc = "The slot is lost, or counted wrongly.")
    @State
    public static class GivenBackAndAskedFor {
        private final BlobBufPool pool = pool(new NumberedPages());
        private final int slot = pool.leaseSlot();

        @Actor
        public void giving() {
            pool.releaseSlot(slot);
        }

        @Actor
        public void asking(II_Result r) {
            r.r1 = pool.leaseSlot();
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = pool.leased();
        }
    }

    /** A pool is closed while another thread takes a slot and gives it back. */
    @JCStressTest
    @Outcome(id = "-2, 1", expect = ACCEPTABLE, desc = "Closed first: freed by closing, nothing can be leased.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Leased first: freed by whoever let go last, once.")
    @Outcome(expect = FORBIDDEN, desc = "The slab was freed under a lease, twice, or never.")
    @State
    public static class ClosedWhileLeased {
        private final NumberedPages pages = new NumberedPages();
        private final BlobBufPool pool = pool(pages);

        @Actor
        public void closing() {
            pool.close();
        }

        @Actor
        public void leasing(II_Result r) {
            try {
                int slot = pool.leaseSlot();
                r.r1 = pages.discards() == 0 ? slot : Integer.MIN_VALUE;
                pool.releaseSlot(slot);
            } catch (HoltClosedException closed) {
                r.r1 = CLOSED;
            }
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = pages.discards();
        }
    }
}
