package io.holt.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.examples.fs.FileSystemEvent;
import io.holt.examples.fs.FileSystemEvents;
import io.holt.examples.fs.SmallListing;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class EventSerializationTest {

    @Test
    void eventsComeBackAndAreCopiedBytewise() throws Exception {
        DataOutputSerializer written = new DataOutputSerializer(64);
        DataOutputSerializer copied = new DataOutputSerializer(64);
        for (FileSystemEvent event : new FileSystemEvents(SmallListing.make(), 1, 500)) {
            EventSerializer.INSTANCE.serialize(event, written);
        }
        DataInputDeserializer source = new DataInputDeserializer(written.getCopyOfBuffer());
        for (int i = 0; i < 500; i++) {
            EventSerializer.INSTANCE.copy(source, copied);
        }
        assertThat(source.available()).isZero();

        DataInputDeserializer copy = new DataInputDeserializer(copied.getCopyOfBuffer());
        for (FileSystemEvent event : new FileSystemEvents(SmallListing.make(), 1, 500)) {
            assertThat(EventSerializer.INSTANCE.deserialize(copy)).isEqualTo(event);
        }
        assertThat(copy.available()).isZero();
    }

    @Test
    void aSplitComesBack() throws Exception {
        EventSplitSerializer serializer = new EventSplitSerializer();
        EventSplit split = new EventSplit(0x0102030405060708L);

        byte[] bytes = serializer.serialize(split);

        assertThat(bytes).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
        assertThat(serializer.deserialize(1, bytes)).isEqualTo(split);
        assertThat(serializer.deserialize(1, serializer.serialize(EventSplit.NONE)))
                .isEqualTo(EventSplit.NONE);
    }

    @Test
    void aSplitOfAnotherVersionIsRefused() {
        EventSplitSerializer serializer = new EventSplitSerializer();

        assertThatThrownBy(() -> serializer.deserialize(2, new byte[8])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> serializer.deserialize(1, new byte[7])).isInstanceOf(IOException.class);
    }
}
