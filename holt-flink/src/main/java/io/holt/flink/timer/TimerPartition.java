package io.holt.flink.timer;

import io.holt.api.Cursor;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.flink.layout.StateKeyDescriptor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.NoSuchElementException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.InternalPriorityQueue;
import org.apache.flink.runtime.state.heap.AbstractHeapPriorityQueueElement;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * The timers of one key group: the records under the key group's prefix in a tree, in the order of their bytes,
 * which is the order of their timestamps. A set: adding an element again changes nothing.
 *
 * <p>The first elements are kept on the heap ({@link QueueHead}), so looking at the next timer reads no tree.
 * Invariant Q2: every change is in the tree when its method returns; the head never holds what the tree does not.
 *
 * <p>For the task's thread. The serializer must write elements so that the order of bytes is the order of priority;
 * Flink's timer serializer does.
 */
public final class TimerPartition<T> extends AbstractHeapPriorityQueueElement implements InternalPriorityQueue<T> {

    private static final byte[] NOTHING = {};

    private final HoltTree tree;
    private final byte[] keyGroupPrefix;
    private final TypeSerializer<T> serializer;
    private final DataOutputSerializer out;
    private final DataInputDeserializer in;
    private final QueueHead head = new QueueHead();

    /** The least element, once it was asked for. */
    private T least;

    /**
     * @param out a buffer that all partitions of a queue may share
     * @param in as {@code out}
     */
    public TimerPartition(
            HoltTree tree,
            int keyGroup,
            TypeSerializer<T> serializer,
            DataOutputSerializer out,
            DataInputDeserializer in) {
        this.tree = tree;
        this.keyGroupPrefix = StateKeyDescriptor.keyGroupPrefix(keyGroup);
        this.serializer = serializer;
        this.out = out;
        this.in = in;
    }

    @Override
    public T peek() {
        if (least == null) {
            byte[] key = leastKey();
            if (key != null) {
                least = deserialize(key);
            }
        }
        return least;
    }

    @Override
    public T poll() {
        T polled = peek();
        if (polled != null) {
            byte[] key = head.least();
            tree.delete(key, 0, key.length);
            head.removeLeast();
            least = null;
        }
        return polled;
    }

    /** Adds an element if it is not there; true if it is the new least one. */
    @Override
    public boolean add(T element) {
        byte[] key = serialize(element);
        leastKey();
        if (!head.covers(key)) {
            tree.put(key, 0, key.length, NOTHING, 0, 0);
            return false;
        }
        int place = head.find(key);
        if (place >= 0) {
            return false;
        }
        place = -1 - place;
        tree.put(key, 0, key.length, NOTHING, 0, 0);
        head.insert(place, key);
        if (place == 0) {
            least = null;
        }
        return place == 0;
    }

    /** Removes an element if it is there; true if it was the least one. */
    @Override
    public boolean remove(T element) {
        byte[] key = serialize(element);
        leastKey();
        if (!head.covers(key)) {
            tree.delete(key, 0, key.length);
            return false;
        }
        int place = head.find(key);
        if (place < 0) {
            return false;
        }
        tree.delete(key, 0, key.length);
        head.remove(place);
        if (place == 0) {
            least = null;
        }
        return place == 0;
    }

    @Override
    public boolean isEmpty() {
        return leastKey() == null;
    }

    @Override
    public int size() {
        if (head.isComplete()) {
            return head.size();
        }
        return (int) tree.prefixCount(keyGroupPrefix, Integer.MAX_VALUE);
    }

    @Override
    public void addAll(Collection<? extends T> elements) {
        if (elements != null) {
            elements.forEach(this::add);
        }
    }

    /** All elements, least first. Changes made while it is open may or may not be seen. */
    @Override
    public CloseableIterator<T> iterator() {
        return new Elements(tree.scan(Scan.prefix(keyGroupPrefix).keysOnly()));
    }

    /** The key of the least element, or null; reads the head from the tree if it ran empty. */
    private byte[] leastKey() {
        if (head.size() == 0 && !head.isComplete()) {
            readHead();
        }
        return head.least();
    }

    private void readHead() {
        head.clear();
        try (Cursor cursor = tree.scan(Scan.prefix(keyGroupPrefix).keysOnly().limit(QueueHead.CAPACITY))) {
            while (cursor.next()) {
                head.append(cursor.key());
            }
        }
        if (head.size() < QueueHead.CAPACITY) {
            head.markComplete();
        }
    }

    private byte[] serialize(T element) {
        try {
            out.clear();
            out.write(keyGroupPrefix);
            serializer.serialize(element, out);
            return out.getCopyOfBuffer();
        } catch (IOException e) {
            throw new FlinkRuntimeException("a timer can't be serialized by " + serializer, e);
        }
    }

    private T deserialize(byte[] key) {
        return deserialize(key, 0, key.length);
    }

    private T deserialize(byte[] key, int offset, int length) {
        try {
            in.setBuffer(key, offset + StateKeyDescriptor.KEY_GROUP_BYTES, length - StateKeyDescriptor.KEY_GROUP_BYTES);
            return serializer.deserialize(in);
        } catch (IOException e) {
            byte[] bytes = Arrays.copyOfRange(key, offset, offset + length);
            throw new FlinkRuntimeException("a timer can't be deserialized from " + Arrays.toString(bytes), e);
        }
    }

    private final class Elements implements CloseableIterator<T> {
        private final Cursor cursor;
        private T next;

        Elements(Cursor cursor) {
            this.cursor = cursor;
        }

        @Override
        public boolean hasNext() {
            if (next == null && cursor.next()) {
                next = deserialize(cursor.keyArray(), cursor.keyOffset(), cursor.keyLength());
            }
            return next != null;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the key group has no more timers");
            }
            T result = next;
            next = null;
            return result;
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
