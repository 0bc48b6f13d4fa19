package io.holt.examples.flink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A split in version 1: the index of the next event, 8 bytes, little-endian. */
final class EventSplitSerializer implements SimpleVersionedSerializer<EventSplit> {

    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(EventSplit split) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(split.next())
                .array();
    }

    @Override
    public EventSplit deserialize(int version, byte[] bytes) throws IOException {
        if (version != VERSION || bytes.length != Long.BYTES) {
            throw new IOException("a split of version " + version + " and " + bytes.length + " bytes is unknown here");
        }
        return new EventSplit(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
    }
}
