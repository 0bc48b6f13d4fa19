package io.holt.internal.memory;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;

/** The free list behaves as a stack behind a lock would, for threads that put back only what they have taken. */
class SlotFreeListLincheckTest {

    private static final int SLOTS = 3;

    @Test
    void freeListIsLinearizableUnderStress() {
        new StressOptions()
                .threads(3)
                .actorsPerThread(5)
                .actorsBefore(0)
                .actorsAfter(3)
                .iterations(15)
                .invocationsPerIteration(500)
                .sequentialSpecification(LockedStack.class)
                .check(LockFreeStack.class);
    }

    @Test
    void freeListIsLinearizableInSystematicInterleavings() {
        new ModelCheckingOptions()
                .threads(2)
                .actorsPerThread(4)
                .actorsBefore(0)
                .actorsAfter(3)
                .iterations(20)
                .invocationsPerIteration(200)
                .checkObstructionFreedom(true)
                .sequentialSpecification(LockedStack.class)
                .check(LockFreeStack.class);
    }

    /** The operations under test. */
    public static final class LockFreeStack {
        private final SlotFreeList list = new SlotFreeList(SLOTS);
        private final Hands hands = new Hands();

        @Operation
        public int lease(@Param(gen = ThreadIdGen.class) int thread) {
            int slot = list.pop();
            if (slot != SlotFreeList.EMPTY) {
                hands.take(thread, slot);
            }
            return slot;
        }

        @Operation
        public int release(@Param(gen = ThreadIdGen.class) int thread) {
            int slot = hands.putDown(thread);
            if (slot != SlotFreeList.EMPTY) {
                list.push(slot);
            }
            return slot;
        }
    }

    /** What they should do, for one thread at a time. */
    public static final class LockedStack {
        private final Deque<Integer> stack = new ArrayDeque<>();
        private final Hands hands = new Hands();

        public LockedStack() {
            for (int slot = SLOTS - 1; slot >= 0; slot--) {
                stack.push(slot);
            }
        }

        public int lease(int thread) {
            if (stack.isEmpty()) {
                return SlotFreeList.EMPTY;
            }
            int slot = stack.pop();
            hands.take(thread, slot);
            return slot;
        }

        public int release(int thread) {
            int slot = hands.putDown(thread);
            if (slot != SlotFreeList.EMPTY) {
                stack.push(slot);
            }
            return slot;
        }
    }

    /** What each thread has taken; a thread touches its own only. The oldest is put down first. */
    private static final class Hands {
        private static final int THREADS = 8;
        private final int[][] slots = new int[THREADS][32];
        private final int[] firsts = new int[THREADS];
        private final int[] ends = new int[THREADS];

        void take(int thread, int slot) {
            slots[thread][ends[thread]++] = slot;
        }

        int putDown(int thread) {
            return firsts[thread] == ends[thread] ? SlotFreeList.EMPTY : slots[thread][firsts[thread]++];
        }
    }
}
