package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.testkit.OffHeap;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Copies of every short length and offset copy just their bytes, and touch no others. */
class MemoryCopyTest {

    private static final int LONGEST = 80;
    private static final int SIZE = LONGEST + 32;

    @Test
    void exactlyTheBytesAskedForAreCopied() {
        byte[] source = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            source[i] = (byte) (i + 1);
        }
        byte[] blank = new byte[SIZE];
        try (OffHeap memory = new OffHeap(SIZE)) {
            for (int length = 0; length <= LONGEST; length++) {
                for (int offset = 0; offset < 9; offset++) {
                    byte[] expected = new byte[SIZE];
                    System.arraycopy(source, offset, expected, 16 - offset, length);

                    memory.put(0, blank);
                    Memory.copyFromArray(source, offset, memory.address(16 - offset), length);
                    assertThat(memory.get(0, SIZE)).isEqualTo(expected);

                    byte[] target = new byte[SIZE];
                    memory.put(0, source);
                    Memory.copyToArray(memory.address(offset), target, 16 - offset, length);
                    assertThat(Arrays.equals(target, expected)).isTrue();
                }
            }
        }
    }
}
