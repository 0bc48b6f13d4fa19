package io.holt.flink.backend;

import io.holt.api.BulkLoader;
import io.holt.api.HoltTree;
import java.util.Arrays;

/**
 * Puts the records of a snapshot into a tree: many at once as long as they come in the order of their keys. Snapshots
 * of backends that sort do; of others they come in any order, and then they are put one by one. For one thread.
 */
final class RestoredRecords implements AutoCloseable {

    private static final int MAX_DISORDERS = 8;

    private final HoltTree tree;

    /** Null once too many records were out of order. */
    private BulkLoader loader;

    private byte[] last = new byte[256];
    private int lastBytes;
    private int disorders;

    RestoredRecords(HoltTree tree) {
        this.tree = tree;
        this.loader = tree.bulkLoad();
    }

    void put(byte[] key, int keyBytes, byte[] value) {
        if (loader == null) {
            tree.put(key, 0, keyBytes, value, 0, value.length);
            return;
        }
        if (loader.records() > 0 && Arrays.compareUnsigned(key, 0, keyBytes, last, 0, lastBytes) <= 0) {
            startAnew();
            put(key, keyBytes, value);
            return;
        }
        loader.put(key, 0, keyBytes, value, 0, value.length);
        if (keyBytes > last.length) {
            last = new byte[2 * keyBytes];
        }
        System.arraycopy(key, 0, last, 0, keyBytes);
        lastBytes = keyBytes;
    }

    private void startAnew() {
        loader.close();
        loader = ++disorders > MAX_DISORDERS ? null : tree.bulkLoad();
    }

    @Override
    public void close() {
        if (loader != null) {
            loader.close();
        }
    }
}
