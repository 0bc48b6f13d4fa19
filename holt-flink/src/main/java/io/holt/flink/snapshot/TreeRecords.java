package io.holt.flink.snapshot;

import io.holt.api.Cursor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.flink.layout.StateKeyDescriptor;
import org.apache.flink.runtime.state.StateSnapshotTransformer;

/** The records of values, maps and timers: each record of the tree is one. */
final class TreeRecords implements StateRecords {

    private static final byte[] NOTHING = {};

    private final Cursor cursor;
    private final int canonicalKeyGroupBytes;
    private final boolean keysOnly;
    private final StateSnapshotTransformer<byte[]> transformer;
    private byte[] value;

    /** @param transformer what to do with each value, or null */
    TreeRecords(
            TreeView tree, boolean keysOnly, int canonicalKeyGroupBytes, StateSnapshotTransformer<byte[]> transformer) {
        this.cursor = tree.scan(keysOnly ? Scan.all().keysOnly() : Scan.all());
        this.keysOnly = keysOnly;
        this.canonicalKeyGroupBytes = canonicalKeyGroupBytes;
        this.transformer = transformer;
    }

    @Override
    public boolean next() {
        while (cursor.next()) {
            value = keysOnly ? NOTHING : cursor.value();
            if (transformer != null) {
                value = transformer.filterOrTransform(value);
            }
            if (value != null) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int keyGroup() {
        return StateKeyDescriptor.keyGroup(cursor.keyArray(), cursor.keyOffset());
    }

    @Override
    public byte[] key() {
        int offset = cursor.keyOffset();
        return StateKeyDescriptor.toCanonical(
                cursor.keyArray(), offset, offset + cursor.keyLength(), canonicalKeyGroupBytes);
    }

    @Override
    public byte[] value() {
        return value;
    }

    @Override
    public void close() {
        cursor.close();
    }
}
