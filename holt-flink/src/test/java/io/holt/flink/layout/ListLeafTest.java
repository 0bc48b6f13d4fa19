package io.holt.flink.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.ListDelimitedSerializer;
import org.junit.jupiter.api.Test;

class ListLeafTest {

    private static final List<String> ELEMENTS = List.of("a", ",", "", ",,", "b");

    @Test
    void goldenBytes() throws IOException {
        assertThat(HexFormat.of().formatHex(written()))
                .isEqualTo("0261" + "2c" + "022c" + "2c" + "01" + "2c" + "032c2c" + "2c" + "0262");
    }

    private static byte[] written() throws IOException {
        DataOutputSerializer leaf = new DataOutputSerializer(8);
        for (String element : ELEMENTS) {
            ListLeaf.write(element, StringSerializer.INSTANCE, leaf);
        }
        return leaf.getCopyOfBuffer();
    }

    @Test
    void isAListOfCanonicalSavepoints() throws IOException {
        assertThat(written())
                .isEqualTo(new ListDelimitedSerializer().serializeList(ELEMENTS, StringSerializer.INSTANCE));
    }

    @Test
    void givesBackItsElements() throws IOException {
        List<String> read = new ArrayList<>();
        ListLeaf.read(new DataInputDeserializer(written()), StringSerializer.INSTANCE, read);
        assertThat(read).isEqualTo(ELEMENTS);
    }
}
