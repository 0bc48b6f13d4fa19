package io.holt.internal.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The free list: a slot belongs to one holder, none is lost, and what its last holder wrote is seen by the next. */
public final class SlotFreeListStress {

    private SlotFreeListStress() {}

    /** Two threads each take a slot. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 0"},
            expect = ACCEPTABLE,
            desc = "Each has one of the two.")
    @Outcome(expect = FORBIDDEN, desc = "Both have the same, or one got none.")
    @State
    public static class TwoTake {
        private final SlotFreeList list = new SlotFreeList(2);

        @Actor
        public void one(II_Result r) {
            r.r1 = list.pop();
        }

        @Actor
        public void two(II_Result r) {
            r.r2 = list.pop();
        }
    }

    /** Two threads each give a slot back to an empty list. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 0"},
            expect = ACCEPTABLE,
            desc = "Both are there, the later one on top.")
    @Outcome(expect = FORBIDDEN, desc = "A slot is lost, or there twice.")
    @State
    public static class TwoGiveBack {
        private final SlotFreeList list = new SlotFreeList(2);

        public TwoGiveBack() {
            list.pop();
            list.pop();
        }

        @Actor
        public void one() {
            list.push(0);
        }

        @Actor
        public void two() {
            list.push(1);
        }

        @Arbiter
        public void after(II_Result r) {
            r.r1 = list.pop();
            r.r2 = list.pop();
            if (list.pop() != SlotFreeList.EMPTY) {
                r.r1 = Integer.MIN_VALUE;
            }
        }
    }

    /**
     * One takes a slot; the other one takes two and gives the first back. A head that was 0, then 1, then 2, then 0
     * again must not be taken for the one that had 1 below it.
     */
    @JCStressTest
    @Outcome(id = "0, 2, true", expect = ACCEPTABLE, desc = "The single one came first: 0; then 1 and 2, 1 back.")
    @Outcome(id = "1, 2, true", expect = ACCEPTABLE, desc = "It came after the other one's first: 1.")
    @Outcome(id = "2, 1, true", expect = ACCEPTABLE, desc = "It came after the other one's second: 2.")
    @Outcome(id = "0, 1, true", expect = ACCEPTABLE, desc = "It came after 0 was back on top.")
    @Outcome(expect = FORBIDDEN, desc = "A slot has two holders, or is lost (ABA).")
    @State
    public static class TakenAndPutBack {
        private static final int SLOTS = 3;

        private final SlotFreeList list = new SlotFreeList(SLOTS);
        private int single;
        private int kept;

        @Actor
        public void single() {
            single = list.pop();
        }

        @Actor
        public void twice() {
            int first = list.pop();
            kept = list.pop();
            list.push(first);
        }

        @Arbiter
        public void after(IIZ_Result r) {
            int[] times = new int[SLOTS];
            boolean sound = count(times, single) && count(times, kept);
            for (int i = 0; i < SLOTS; i++) {
                int slot = list.pop();
                sound &= slot == SlotFreeList.EMPTY || count(times, slot);
            }
            for (int each : times) {
                sound &= each == 1;
            }
            r.r1 = single;
            r.r2 = kept;
            r.r3 = sound;
        }

        private static boolean count(int[] times, int slot) {
            if (slot == SlotFreeList.EMPTY) {
                return false;
            }
            times[slot]++;
            return true;
        }
    }

    /** A holder writes, by plain stores, and gives its slot back; the next one reads. */
    @JCStressTest
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "The list was still empty.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The slot was taken, and what was written before is seen.")
    @Outcome(expect = FORBIDDEN, desc = "The slot was taken, and what was written before is not seen.")
    @State
    public static class HandedOver {
        private final SlotFreeList list = new SlotFreeList(1);
        private int content;

        public HandedOver() {
            list.pop();
        }

        @Actor
        public void giving() {
            content = 1;
            list.push(0);
        }

        @Actor
        public void taking(I_Result r) {
            r.r1 = list.pop() == SlotFreeList.EMPTY ? -1 : content;
        }
    }
}
