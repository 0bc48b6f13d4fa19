package io.holt.internal.tree;

import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import java.lang.foreign.MemorySegment;

/** The value of a record that is deleted, for who deletes it. One a thread. */
final class TakenValue {

    private byte[] value;

    /**
     * Copies the value of a leaf. The caller holds its frame's latch.
     *
     * @return false if a part of a large value left memory meanwhile: begin again
     */
    boolean take(TreeCore core, long leaf) {
        long header = Memory.getLong(leaf);
        byte[] copy = new byte[Leaf.valueBytes(header)];
        if (!Leaf.isLarge(header)) {
            Memory.copyToArray(Leaf.value(leaf, header), copy, 0, copy.length);
        } else {
            int[] parts = LargeValues.partsOf(leaf, header);
            if (!core.largeValues().read(core.present(), parts, copy.length, MemorySegment.ofArray(copy))) {
                return false;
            }
        }
        value = copy;
        return true;
    }

    byte[] value() {
        return value;
    }

    void clear() {
        value = null;
    }
}
