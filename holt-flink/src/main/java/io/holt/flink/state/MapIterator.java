package io.holt.flink.state;

import io.holt.api.HoltTree;
import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Walks over the entries of one map. Records are copied in batches, so that no cursor stays open when an iterator is
 * left before its end; what is changed meanwhile is seen from the next batch on.
 *
 * <p>A batch is one array: for each record its key after the map's prefix, then its value. {@code ends} says where
 * each of the two ends.
 */
abstract class MapIterator<T> implements Iterator<T>, RecordVisitor {

    /** Of a short map, little beyond its end is read. */
    private static final int FIRST_BATCH_RECORDS = 16;

    private static final int BATCH_RECORDS = 128;
    private static final int BATCH_BYTES = 64 * 1024;

    final byte[] prefix;
    private final HoltTree tree;
    private final Scan scan;
    private final boolean wantsValues;
    private final DataInputDeserializer in = new DataInputDeserializer();

    private byte[] batch = new byte[256];
    private int[] ends = new int[2 * FIRST_BATCH_RECORDS];
    private int used;
    private int records;
    private int position;
    private boolean exhausted;

    /** The tree's key of the last record before this batch. */
    private byte[] keyBeforeBatch;

    private boolean removable;

    private MapIterator(HoltTree tree, byte[] prefix, boolean wantsValues) {
        this.tree = tree;
        this.prefix = prefix;
        this.wantsValues = wantsValues;
        Scan all = Scan.prefix(prefix);
        this.scan = wantsValues ? all : all.keysOnly();
    }

    /** What the iterator gives for the record at the present position. */
    abstract T read() throws IOException;

    @Override
    public final boolean hasNext() {
        if (position == records && !exhausted) {
            loadBatch();
        }
        return position < records;
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the map has no more entries");
        }
        try {
            T result = read();
            position++;
            removable = true;
            return result;
        } catch (IOException e) {
            throw new FlinkRuntimeException("an entry of map state " + tree.name() + " can't be deserialized", e);
        }
    }

    @Override
    public void remove() {
        if (!removable) {
            throw new IllegalStateException("remove() may be called once after each next()");
        }
        removable = false;
        tree.delete(position > 0 ? treeKey(position - 1) : keyBeforeBatch);
    }

    final DataInputDeserializer key() {
        int start = keyStart(position);
        in.setBuffer(batch, start, ends[2 * position] - start);
        return in;
    }

    final DataInputDeserializer value() {
        int start = ends[2 * position];
        in.setBuffer(batch, start, ends[2 * position + 1] - start);
        return in;
    }

    private int keyStart(int record) {
        return record == 0 ? 0 : ends[2 * record - 1];
    }

    private byte[] treeKey(int record) {
        int start = keyStart(record);
        int length = ends[2 * record] - start;
        byte[] key = Arrays.copyOf(prefix, prefix.length + length);
        System.arraycopy(batch, start, key, prefix.length, length);
        return key;
    }

    private void loadBatch() {
        Scan rest = scan;
        int most = FIRST_BATCH_RECORDS;
        if (records > 0) {
            keyBeforeBatch = treeKey(records - 1);
            rest = scan.startAfter(keyBeforeBatch);
            most = BATCH_RECORDS;
        }
        records = 0;
        position = 0;
        used = 0;
        // Fewer than asked for, and not because the batch was full: there are no more.
        exhausted = tree.visit(rest.limit(most), this) < most && used < BATCH_BYTES;
    }

    /** Copies a record into the batch; false when that is full. */
    @Override
    public final boolean visit(
            byte[] keys, int keyOffset, int keyBytes, byte[] values, int valueOffset, int valueBytes) {
        int keyLength = keyBytes - prefix.length;
        int valueLength = wantsValues ? valueBytes : 0;
        int keyEnd = used + keyLength;
        int valueEnd = Math.addExact(keyEnd, valueLength);
        if (valueEnd > batch.length) {
            batch = Arrays.copyOf(batch, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(2L * batch.length, valueEnd)));
        }
        if (2 * records == ends.length) {
            ends = Arrays.copyOf(ends, 2 * ends.length);
        }
        System.arraycopy(keys, keyOffset + prefix.length, batch, used, keyLength);
        System.arraycopy(values, valueOffset, batch, keyEnd, valueLength);
        ends[2 * records] = keyEnd;
        ends[2 * records + 1] = valueEnd;
        records++;
        used = valueEnd;
        return used < BATCH_BYTES;
    }

    /** The keys of a map; values are not read. */
    static final class Keys<UK> extends MapIterator<UK> {
        private final TypeSerializer<UK> mapKeySerializer;

        Keys(HoltTree tree, byte[] prefix, TypeSerializer<UK> mapKeySerializer) {
            super(tree, prefix, false);
            this.mapKeySerializer = mapKeySerializer;
        }

        @Override
        UK read() throws IOException {
            return mapKeySerializer.deserialize(key());
        }
    }

    /** The values of a map. */
    static final class Values<UV> extends MapIterator<UV> {
        private final TypeSerializer<UV> mapValueSerializer;

        Values(HoltTree tree, byte[] prefix, TypeSerializer<UV> mapValueSerializer) {
            super(tree, prefix, true);
            this.mapValueSerializer = mapValueSerializer;
        }

        @Override
        UV read() throws IOException {
            return HoltMapState.readMapValue(value(), mapValueSerializer);
        }
    }

    /** The entries of a map; setting the value of one writes to the state. */
    static final class Entries<UK, UV> extends MapIterator<Map.Entry<UK, UV>> {
        private final HoltMapState<?, ?, UK, UV> state;
        private final TypeSerializer<UK> mapKeySerializer;
        private final TypeSerializer<UV> mapValueSerializer;
        private MapEntry<UK, UV> last;

        Entries(
                HoltMapState<?, ?, UK, UV> state,
                byte[] prefix,
                TypeSerializer<UK> mapKeySerializer,
                TypeSerializer<UV> mapValueSerializer) {
            super(state.tree, prefix, true);
            this.state = state;
            this.mapKeySerializer = mapKeySerializer;
            this.mapValueSerializer = mapValueSerializer;
        }

        @Override
        Map.Entry<UK, UV> read() throws IOException {
            UK key = mapKeySerializer.deserialize(key());
            UV value = HoltMapState.readMapValue(value(), mapValueSerializer);
            last = new MapEntry<>(state, prefix, key, value);
            return last;
        }

        @Override
        public void remove() {
            super.remove();
            last.markRemoved();
        }
    }
}
