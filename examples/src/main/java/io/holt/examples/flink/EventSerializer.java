package io.holt.examples.flink;

import io.holt.examples.fs.EventCodec;
import io.holt.examples.fs.FileSystemEvent;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** An event as the length of its encoding, then the encoding ({@link EventCodec}). */
final class EventSerializer extends TypeSerializerSingleton<FileSystemEvent> {

    static final EventSerializer INSTANCE = new EventSerializer();

    private static final long serialVersionUID = 1L;

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public FileSystemEvent createInstance() {
        return null;
    }

    @Override
    public FileSystemEvent copy(FileSystemEvent event) {
        return event;
    }

    @Override
    public FileSystemEvent copy(FileSystemEvent event, FileSystemEvent reuse) {
        return event;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(FileSystemEvent event, DataOutputView target) throws IOException {
        byte[] bytes = EventCodec.encode(event);
        target.writeInt(bytes.length);
        target.write(bytes);
    }

    @Override
    public FileSystemEvent deserialize(DataInputView source) throws IOException {
        byte[] bytes = new byte[source.readInt()];
        source.readFully(bytes);
        return EventCodec.decode(bytes);
    }

    @Override
    public FileSystemEvent deserialize(FileSystemEvent reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        byte[] bytes = new byte[source.readInt()];
        source.readFully(bytes);
        target.writeInt(bytes.length);
        target.write(bytes);
    }

    @Override
    public TypeSerializerSnapshot<FileSystemEvent> snapshotConfiguration() {
        return new Snapshot();
    }

    /** The serializer has no configuration. Public and without arguments: Flink makes it by reflection. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<FileSystemEvent> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
