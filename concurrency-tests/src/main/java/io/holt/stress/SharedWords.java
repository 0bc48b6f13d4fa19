package io.holt.stress;

import io.holt.internal.memory.Memory;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory off the heap for the states of tests, of which there are many and none says when it is done with.
 *
 * <p>Blocks are handed out in turn. Invariant: a block comes round only after more states than are alive at a time
 * (jcstress keeps 256 x 40) have each taken at most {@link #BLOCKS_A_STATE_MAX}.
 */
public final class SharedWords {

    /** A word at the start of a block and one at this offset lie in different cache lines. */
    public static final int OTHER_LINE = 128;

    /** Blocks that one state takes at most. */
    public static final int BLOCKS_A_STATE_MAX = 3;

    private static final int BLOCK_BYTES = 2 * OTHER_LINE;
    private static final int BLOCKS = 1 << 16;

    private static final long START =
            Arena.global().allocate((long) BLOCKS * BLOCK_BYTES, OTHER_LINE).address();

    private static final AtomicInteger NEXT = new AtomicInteger();

    private SharedWords() {}

    /** Address of a block whose words at 0 and at {@link #OTHER_LINE} are 0. */
    public static long block() {
        long address = START + (long) (NEXT.getAndIncrement() & (BLOCKS - 1)) * BLOCK_BYTES;
        Memory.putLong(address, 0);
        Memory.putLong(address + OTHER_LINE, 0);
        return address;
    }
}
