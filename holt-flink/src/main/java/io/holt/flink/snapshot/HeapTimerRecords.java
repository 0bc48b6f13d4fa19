package io.holt.flink.snapshot;

import java.io.IOException;
import java.util.Iterator;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueStateSnapshot;
import org.apache.flink.util.FlinkRuntimeException;

/** The records of timers that are kept on the heap. */
final class HeapTimerRecords<T> implements StateRecords {

    private static final byte[] NOTHING = {};

    private final HeapPriorityQueueStateSnapshot<T> timers;
    private final TypeSerializer<T> serializer;
    private final int lastKeyGroup;
    private final int canonicalKeyGroupBytes;
    private final DataOutputSerializer out = new DataOutputSerializer(64);

    private int keyGroup;
    private Iterator<T> ofKeyGroup;
    private T timer;

    HeapTimerRecords(
            HeapPriorityQueueStateSnapshot<T> timers, KeyGroupRange keyGroupRange, int canonicalKeyGroupBytes) {
        this.timers = timers;
        this.serializer = timers.getMetaInfo().getElementSerializer();
        this.keyGroup = keyGroupRange.getStartKeyGroup();
        this.lastKeyGroup = keyGroupRange.getEndKeyGroup();
        this.ofKeyGroup = timers.getIteratorForKeyGroup(keyGroup);
        this.canonicalKeyGroupBytes = canonicalKeyGroupBytes;
    }

    @Override
    public boolean next() {
        while (!ofKeyGroup.hasNext()) {
            if (keyGroup == lastKeyGroup) {
                return false;
            }
            ofKeyGroup = timers.getIteratorForKeyGroup(++keyGroup);
        }
        timer = ofKeyGroup.next();
        return true;
    }

    @Override
    public int keyGroup() {
        return keyGroup;
    }

    @Override
    public byte[] key() {
        try {
            out.clear();
            CompositeKeySerializationUtils.writeKeyGroup(keyGroup, canonicalKeyGroupBytes, out);
            serializer.serialize(timer, out);
            return out.getCopyOfBuffer();
        } catch (IOException e) {
            throw new FlinkRuntimeException("a timer can't be serialized by " + serializer, e);
        }
    }

    @Override
    public byte[] value() {
        return NOTHING;
    }

    @Override
    public void close() {
        // Holds memory of the heap only.
    }
}
