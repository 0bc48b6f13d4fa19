package io.holt.kstreams.internal;

import io.holt.api.HoltTree;
import java.util.Arrays;

/**
 * Single writes of a store on their way into its tree: a few are gathered and then written together, so that the walks
 * to their keys wait for memory together, see {@link HoltTree#putMany}.
 *
 * <p>Invariants: no key is there twice; as long as there are any, whoever reads the tree looks here first or has them
 * written first, and no iterator begins on the tree. What can't be written stays, and is written again by the next one
 * who asks for it, who gets the error.
 *
 * <p>Threads: all methods are called under the store's write lock, but {@link #areThere}.
 */
final class GatheredWrites {

    /** Answered in place of a value. */
    static final byte[] NOT_HERE = {};

    /** As many as a tree walks to at once. */
    private static final int MOST = 16;

    /** Larger ones are not kept: to copy them twice costs more than is gained. */
    private static final int BYTES_MAX = 4096;

    /** After so many reads beside them writes are not gathered any more: each read has to look here. */
    private static final int READS_MAX = 16;

    private final HoltTree tree;
    private final byte[][] keys = new byte[MOST][];
    private final byte[][] values = new byte[MOST][];
    private final int[] hashes = new int[MOST];
    private int count;
    private int reads;
    private volatile boolean areThere;

    GatheredWrites(HoltTree tree) {
        this.tree = tree;
    }

    /** Whether there are any. Asked by any thread. */
    boolean areThere() {
        return areThere;
    }

    /**
     * Takes a write.
     *
     * @param key copied: serializers may hand out an array that they fill again
     * @param value copied; null if the key is to be deleted
     * @throws io.holt.api.HoltException if writes can't be written: this one, if it is too large for a tree, was not
     *     taken, others stay
     */
    void add(byte[] key, byte[] value) {
        if (key.length + (value == null ? 0 : value.length) > BYTES_MAX) {
            writeAll();
            OpenStore.write(tree, key, value);
            return;
        }
        int hash = Arrays.hashCode(key);
        int index = indexOf(key, hash);
        if (index < 0) {
            if (count == MOST) {
                writeAll();
            }
            index = count++;
            keys[index] = key.clone();
            hashes[index] = hash;
        }
        values[index] = value == null ? null : value.clone();
        if (!areThere) {
            areThere = true;
        }
    }

    private int indexOf(byte[] key, int hash) {
        for (int i = 0; i < count; i++) {
            if (hashes[i] == hash && Arrays.equals(keys[i], key)) {
                return i;
            }
        }
        return -1;
    }

    /** A copy of the value that a write sets, null if it deletes the key, or {@link #NOT_HERE} if there is none. */
    byte[] find(byte[] key) {
        int index = indexOf(key, Arrays.hashCode(key));
        byte[] value = index < 0 ? NOT_HERE : values[index];
        byte[] found = value == null || value == NOT_HERE ? value : value.clone();
        if (++reads >= READS_MAX) {
            writeAll();
        }
        return found;
    }

    /**
     * Writes all there are.
     *
     * @throws io.holt.api.HoltException if some can't be written; all stay
     */
    void writeAll() {
        tree.putMany(keys, values, count);
        forget();
    }

    /** Gives up what could not be written. */
    void forget() {
        Arrays.fill(keys, 0, count, null);
        Arrays.fill(values, 0, count, null);
        count = 0;
        reads = 0;
        areThere = false;
    }
}
