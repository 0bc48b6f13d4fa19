package io.holt.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock-free stack of the slots that are free.
 *
 * <p>Invariant (no ABA): the head is one word of slot and tag, and each change of it raises the tag by one, so a head
 * that was taken off and put back meanwhile is not mistaken for the one that was read. The tag has 47 bits: it comes
 * round after more than a day of a billion changes a second.
 *
 * <p>Threads: all methods from any thread. A slot must not be pushed while it is on the stack.
 */
final class SlotFreeList {

    static final int EMPTY = -1;

    /** Bits of the head that hold the top slot plus one; 0 says that the stack is empty. */
    private static final int TOP_BITS = 17;

    private static final long TOP_MASK = (1L << TOP_BITS) - 1;

    static final int SLOTS_MAX = 1 << (TOP_BITS - 1);

    private static final VarHandle HEAD;
    private static final VarHandle NEXT = MethodHandles.arrayElementVarHandle(int[].class);

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(SlotFreeList.class, "head", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** For each slot on the stack the one below it, or {@link #EMPTY}. */
    private final int[] next;

    @SuppressWarnings("unused") // by HEAD
    private volatile long head;

    /** A stack of all slots, the first one on top. */
    SlotFreeList(int slots) {
        assert slots <= SLOTS_MAX;
        next = new int[slots];
        for (int slot = 0; slot < slots; slot++) {
            next[slot] = slot + 1 < slots ? slot + 1 : EMPTY;
        }
        head = slots == 0 ? 0 : 1;
    }

    /** Takes the top slot off, or answers {@link #EMPTY}. */
    int pop() {
        while (true) {
            long seen = head();
            int top = top(seen);
            if (top == EMPTY || takeTop(seen, below(seen))) {
                return top;
            }
        }
    }

    /** The present head: top slot and tag. */
    long head() {
        return (long) HEAD.getAcquire(this);
    }

    /**
     * The slot below the top of a head that isn't empty. If another thread takes the top and changes its link right
     * now, this may be anything; but then the tag has moved and {@link #takeTop} fails.
     */
    int below(long seen) {
        return (int) NEXT.getOpaque(next, top(seen));
    }

    /** Takes the top off if the head is still the one that was seen. */
    boolean takeTop(long seen, int below) {
        return HEAD.compareAndSet(this, seen, successor(seen, below));
    }

    void push(int slot) {
        while (true) {
            long seen = (long) HEAD.getOpaque(this);
            NEXT.setOpaque(next, slot, top(seen));
            // Releases the link to the pop that acquires this head.
            if (HEAD.compareAndSet(this, seen, successor(seen, slot))) {
                return;
            }
        }
    }

    private static int top(long head) {
        return (int) (head & TOP_MASK) - 1;
    }

    private static long successor(long head, int top) {
        return ((head >>> TOP_BITS) + 1) << TOP_BITS | (top + 1);
    }
}
