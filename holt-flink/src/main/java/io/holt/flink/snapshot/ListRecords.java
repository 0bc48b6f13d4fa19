package io.holt.flink.snapshot;

import io.holt.api.Cursor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.flink.layout.ListLeaf;
import io.holt.flink.layout.StateKeyDescriptor;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.apache.flink.runtime.state.StateSnapshotTransformer;

/** The records of lists: the leaves of one list, joined, are one. */
final class ListRecords implements StateRecords {

    private final Cursor cursor;
    private final int canonicalKeyGroupBytes;
    private final StateSnapshotTransformer<byte[]> transformer;
    private final ByteArrayOutputStream joined = new ByteArrayOutputStream();

    /** Whether the cursor is on a leaf that belongs to no record yet. */
    private boolean atLeaf;

    /** Key of the tree without sequence number. */
    private byte[] prefix;

    private byte[] value;

    /** @param transformer what to do with each list, or null */
    ListRecords(TreeView tree, int canonicalKeyGroupBytes, StateSnapshotTransformer<byte[]> transformer) {
        this.cursor = tree.scan(Scan.all());
        this.canonicalKeyGroupBytes = canonicalKeyGroupBytes;
        this.transformer = transformer;
        this.atLeaf = cursor.next();
    }

    @Override
    public boolean next() {
        while (atLeaf) {
            readList();
            if (transformer != null) {
                value = transformer.filterOrTransform(value);
            }
            if (value != null) {
                return true;
            }
        }
        return false;
    }

    private void readList() {
        int offset = cursor.keyOffset();
        prefix = Arrays.copyOfRange(cursor.keyArray(), offset, offset + prefixLength());
        byte[] first = cursor.value();
        atLeaf = cursor.next();
        if (!atLeaf || !continuesList()) {
            value = first;
            return;
        }
        joined.reset();
        joined.writeBytes(first);
        do {
            joined.write(ListLeaf.DELIMITER);
            joined.write(cursor.valueArray(), cursor.valueOffset(), cursor.valueLength());
            atLeaf = cursor.next();
        } while (atLeaf && continuesList());
        value = joined.toByteArray();
    }

    private int prefixLength() {
        return cursor.keyLength() - StateKeyDescriptor.SEQUENCE_BYTES;
    }

    private boolean continuesList() {
        return prefixLength() == prefix.length
                && StateKeyDescriptor.startsWith(
                        cursor.keyArray(), cursor.keyOffset(), cursor.keyLength(), prefix, prefix.length);
    }

    @Override
    public int keyGroup() {
        return StateKeyDescriptor.keyGroup(prefix, 0);
    }

    @Override
    public byte[] key() {
        return StateKeyDescriptor.toCanonical(prefix, 0, prefix.length, canonicalKeyGroupBytes);
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
