package io.holt.flink.state;

import io.holt.api.Cursor;
import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.flink.layout.ListLeaf;
import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateKeyDescriptor;
import io.holt.flink.layout.StateTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.RandomAccess;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.internal.InternalListState;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.runtime.state.ttl.TtlUtils;
import org.apache.flink.runtime.state.ttl.TtlValue;
import org.apache.flink.util.Preconditions;

/**
 * A list for a key and namespace: leaves of {@link ListLeaf}'s layout in the order of their sequence numbers.
 * Appending is one insert and reads nothing.
 */
public final class HoltListState<K, N, V> extends AbstractHoltState<K, N, List<V>>
        implements InternalListState<K, N, V> {

    private static final int FIRST_LEAVES = 2;
    private static final int LEAVES_AT_ONCE = 128;

    /** Room in a new list if the length of an element is not known. */
    private static final int UNKNOWN_ELEMENTS = 10;

    private TypeSerializer<V> elementSerializer;

    public HoltListState(
            StateTree stateTree,
            RegisteredKeyValueStateBackendMetaInfo<N, List<V>> metaInfo,
            List<V> defaultValue,
            StateKeyBuilder<K> keys) {
        super(stateTree, metaInfo, defaultValue, keys);
        this.elementSerializer = elementSerializer(metaInfo.getStateSerializer());
    }

    @Override
    public void update(RegisteredKeyValueStateBackendMetaInfo<N, ?> metaInfo, StateDescriptor<?, ?> descriptor) {
        super.update(metaInfo, descriptor);
        this.elementSerializer = elementSerializer(getValueSerializer());
    }

    private static <V> TypeSerializer<V> elementSerializer(TypeSerializer<List<V>> listSerializer) {
        return ((ListSerializer<V>) listSerializer).getElementSerializer();
    }

    @Override
    public Iterable<V> get() throws IOException {
        return getInternal();
    }

    @Override
    public List<V> getInternal() throws IOException {
        Scan list = Scan.prefix(copyPrefix());
        LeafReader reader = new LeafReader();
        try {
            Scan rest = list;
            int most = FIRST_LEAVES;
            // Of a short list, little beyond its end is read.
            while (tree.visit(rest.limit(most), reader) == most) {
                rest = list.startAfter(reader.lastKey);
                most = LEAVES_AT_ONCE;
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return reader.elements;
    }

    /** Reads the elements of leaves. */
    private final class LeafReader implements RecordVisitor {
        private final DataInputDeserializer leaf = new DataInputDeserializer();
        private List<V> elements;
        private byte[] lastKey;

        @Override
        public boolean visit(
                byte[] keyArray, int keyOffset, int keyBytes, byte[] valueArray, int valueOffset, int valueBytes) {
            leaf.setBuffer(valueArray, valueOffset, valueBytes);
            lastKey = Arrays.copyOfRange(keyArray, keyOffset, keyOffset + keyBytes);
            if (elements == null) {
                elements = new ArrayList<>(expectedElements(valueBytes));
            }
            try {
                ListLeaf.read(leaf, elementSerializer, elements);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        }

        private int expectedElements(int valueBytes) {
            int elementBytes = elementSerializer.getLength();
            return elementBytes > 0 ? valueBytes / (elementBytes + 1) + 1 : UNKNOWN_ELEMENTS;
        }
    }

    @Override
    public void add(V value) throws IOException {
        checkElement(value);
        elementSerializer.serialize(value, values.begin());
        append();
    }

    @Override
    public void addAll(List<V> elements) throws IOException {
        checkElements(elements);
        appendAll(elements);
    }

    private void appendAll(List<V> elements) throws IOException {
        // By index, which is faster than by an iterator, but not where each access walks from an end of the list.
        List<V> indexed = elements instanceof RandomAccess ? elements : new ArrayList<>(elements);
        int count = indexed.size();
        int index = 0;
        while (index < count) {
            DataOutputSerializer leaf = values.begin();
            do {
                ListLeaf.write(indexed.get(index++), elementSerializer, leaf);
            } while (index < count && leaf.length() < ListLeaf.TARGET_BYTES);
            append();
        }
    }

    /** Adds the serialized leaf to the end of the list. */
    private void append() throws IOException {
        buildPrefix();
        keys.appendSequence(stateTree.nextSequence());
        values.put(tree, keys);
    }

    @Override
    public void update(List<V> elements) throws IOException {
        updateInternal(elements);
    }

    @Override
    public void updateInternal(List<V> elements) throws IOException {
        checkElements(elements);
        clear();
        appendAll(elements);
    }

    @Override
    public void clear() {
        tree.deletePrefix(copyPrefix());
    }

    @Override
    public void mergeNamespaces(N target, Collection<N> sources) throws IOException {
        if (sources == null || sources.isEmpty()) {
            return;
        }
        for (N source : sources) {
            if (source == null) {
                continue;
            }
            setCurrentNamespace(source);
            byte[] sourcePrefix = copyPrefix();
            setCurrentNamespace(target);
            buildPrefix();
            if (!keys.equalTo(sourcePrefix)) {
                moveHere(sourcePrefix);
            }
        }
        setCurrentNamespace(target);
    }

    /** Moves the leaves under a prefix to the end of the current list. */
    private void moveHere(byte[] sourcePrefix) throws IOException {
        boolean found = false;
        try (Cursor leaves = tree.scan(Scan.prefix(sourcePrefix))) {
            while (leaves.next()) {
                found = true;
                buildPrefix();
                keys.appendSequence(stateTree.nextSequence());
                tree.put(
                        keys.array(),
                        0,
                        keys.length(),
                        leaves.valueArray(),
                        leaves.valueOffset(),
                        leaves.valueLength());
            }
        }
        if (found) {
            tree.deletePrefix(sourcePrefix);
        }
    }

    @Override
    List<V> readRecord(DataInputDeserializer parts, DataInputDeserializer leaf) throws IOException {
        List<V> elements = new ArrayList<>();
        ListLeaf.read(leaf, elementSerializer, elements);
        return elements;
    }

    @Override
    void rewriteRecord(byte[] key, List<V> left) throws IOException {
        DataOutputSerializer leaf = values.begin();
        for (V element : left) {
            ListLeaf.write(element, elementSerializer, leaf);
        }
        values.put(tree, key);
    }

    /** The first element of a leaf is the one that was written first, so it expires first. */
    @Override
    void dropExpired(byte[] key, byte[] leaf, long ttlMillis, long now) throws IOException {
        List<V> left = readRecord(null, values.view(leaf, 0, leaf.length));
        left.removeIf(element -> TtlUtils.expired((TtlValue<?>) element, ttlMillis, now));
        if (left.isEmpty()) {
            tree.delete(key);
        } else {
            rewriteRecord(key, left);
        }
    }

    @Override
    byte[] serializedValue(byte[] prefix, TypeSerializer<List<V>> safeValueSerializer) throws IOException {
        DataOutputSerializer joined = new DataOutputSerializer(StateKeyDescriptor.SEQUENCE_BYTES);
        boolean found = false;
        try (Cursor leaves = tree.scan(Scan.prefix(prefix))) {
            while (leaves.next()) {
                if (found) {
                    joined.write(ListLeaf.DELIMITER);
                }
                found = true;
                joined.write(leaves.valueArray(), leaves.valueOffset(), leaves.valueLength());
            }
        }
        return found ? joined.getCopyOfBuffer() : null;
    }

    @Override
    public void migrate(
            DataInputDeserializer in,
            DataOutputSerializer out,
            TtlAwareSerializer<List<V>, ?> prior,
            TtlAwareSerializer<List<V>, ?> current,
            TtlTimeProvider time)
            throws IOException {
        TtlAwareSerializer<V, ?> priorElement = elementOf(prior);
        TtlAwareSerializer<V, ?> currentElement = elementOf(current);
        while (in.available() > 0) {
            currentElement.migrateValueFromPriorSerializer(priorElement, () -> priorElement.deserialize(in), out, time);
            if (in.available() > 0) {
                ListLeaf.skipDelimiter(in);
                out.write(ListLeaf.DELIMITER);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <V> TtlAwareSerializer<V, ?> elementOf(TtlAwareSerializer<List<V>, ?> listSerializer) {
        return ((TtlAwareSerializer.TtlAwareListSerializer<V>) listSerializer).getElementSerializer();
    }

    private static void checkElements(List<?> elements) {
        Preconditions.checkNotNull(elements, "List of values to add cannot be null.");
        for (Object element : elements) {
            checkElement(element);
        }
    }

    private static void checkElement(Object element) {
        Preconditions.checkNotNull(element, "You cannot add null to a ListState.");
    }
}
