package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotFreeListTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 1000, 65_536})
    void holdsEverySlotOnceFromTheFirstOn(int slots) {
        SlotFreeList list = new SlotFreeList(slots);
        for (int slot = 0; slot < slots; slot++) {
            assertThat(list.pop()).isEqualTo(slot);
        }
        assertThat(list.pop()).isEqualTo(SlotFreeList.EMPTY);
    }

    @Test
    void isAStack() {
        SlotFreeList list = new SlotFreeList(50);
        Deque<Integer> expected = new ArrayDeque<>();
        for (int slot = 49; slot >= 0; slot--) {
            expected.push(slot);
        }
        Deque<Integer> taken = new ArrayDeque<>();
        Random random = new Random(3);
        for (int step = 0; step < 100_000; step++) {
            if (random.nextBoolean()) {
                int slot = list.pop();
                assertThat(slot).isEqualTo(expected.isEmpty() ? SlotFreeList.EMPTY : expected.pop());
                if (slot != SlotFreeList.EMPTY) {
                    taken.add(slot);
                }
            } else if (!taken.isEmpty()) {
                int slot = random.nextBoolean() ? taken.pollFirst() : taken.pollLast();
                list.push(slot);
                expected.push(slot);
            }
        }
    }

    /** A pop interrupted between its read and its CAS, while the same slot comes back on top of another one. */
    @Test
    void topThatWasTakenAndPutBackIsNotTheSameTop() {
        SlotFreeList list = new SlotFreeList(3);
        long seen = list.head();
        int below = list.below(seen);
        assertThat(below).isEqualTo(1);

        assertThat(list.pop()).isEqualTo(0);
        assertThat(list.pop()).isEqualTo(1);
        list.push(0);

        assertThat(list.takeTop(seen, below)).isFalse();
        assertThat(list.pop()).isEqualTo(0);
        assertThat(list.pop()).isEqualTo(2);
        assertThat(list.pop()).isEqualTo(SlotFreeList.EMPTY);
    }

    @Test
    void everyChangeMakesAnotherHead() {
        SlotFreeList list = new SlotFreeList(1);
        long full = list.head();
        int slot = list.pop();
        long empty = list.head();
        list.push(slot);
        long fullAgain = list.head();
        list.pop();
        assertThat(new long[] {full, empty, fullAgain, list.head()}).doesNotHaveDuplicates();
    }
}
