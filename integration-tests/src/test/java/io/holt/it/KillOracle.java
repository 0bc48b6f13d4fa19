package io.holt.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** What the writes of one thread of {@link KilledWriter} make of its keys, and after which one a database stands. */
final class KillOracle {

    private static final int SHARED = 0;
    private static final int OWN = 1;

    private final int thread;

    /** By tree and key the number of the write that made the value, or 0; after the write {@code base}. */
    private final long[][] state = new long[2][KilledWriter.KEYS];

    /** The newest write that is certainly in a checkpoint, and the newest that was acknowledged. */
    private long checkpointed;

    private long base;
    private long acknowledged;

    KillOracle(int thread) {
        this.thread = thread;
    }

    long next() {
        return acknowledged + 1;
    }

    void acknowledged(long write) {
        assertThat(write).isEqualTo(acknowledged + 1);
        acknowledged = write;
    }

    void checkpointed(long write) {
        checkpointed = write;
    }

    /**
     * Finds the write after which the database stands: at most one that was not acknowledged, and at least the last
     * acknowledged one, or the last that was in a checkpoint. It counts from now on.
     *
     * @param logged whether there was a log
     */
    void compare(HoltDb db, boolean logged) {
        long[][] found = {found(db.tree("shared")), found(db.tree(KilledWriter.ownTree(thread)))};
        long least = logged ? acknowledged : checkpointed;
        long match = -1;
        long[][] matching = null;
        for (long write = base; write <= acknowledged + 1; write++) {
            if (write > base) {
                apply(write);
            }
            if (write >= least && Arrays.deepEquals(state, found)) {
                match = write;
                matching = new long[][] {state[SHARED].clone(), state[OWN].clone()};
            }
        }
        assertThat(match)
                .as("thread %d: the database stands after none of the writes %d to %d", thread, least, acknowledged + 1)
                .isNotNegative();
        state[SHARED] = matching[SHARED];
        state[OWN] = matching[OWN];
        base = match;
        acknowledged = match;
        checkpointed = match;
    }

    private void apply(long write) {
        int key = (int) (write * 31 % KilledWriter.KEYS);
        if (write % KilledWriter.DROP_TREE_EVERY == 0) {
            Arrays.fill(state[OWN], 0);
        } else if (write % KilledWriter.DELETE_PREFIX_EVERY == 0) {
            Arrays.fill(state[SHARED], 0);
        } else if (write % KilledWriter.BATCH_EVERY == 0) {
            state[SHARED][key] = write;
            state[OWN][key] = write;
        } else {
            state[write % 3 == 0 ? OWN : SHARED][key] = write % 7 == 0 ? 0 : write;
        }
    }

    private long[] found(HoltTree tree) {
        long[] writes = new long[KilledWriter.KEYS];
        for (int key = 0; key < KilledWriter.KEYS; key++) {
            byte[] value = tree.get(KilledWriter.key(thread, key));
            if (value != null) {
                writes[key] =
                        ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
                assertThat(value).isEqualTo(KilledWriter.value(writes[key]));
            }
        }
        return writes;
    }
}
