package io.holt.internal.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The layouts, said a second time in plain numbers (I9). What changes here changes the format's version. */
class FrameLayoutTest {

    @Test
    void theFormatHasItsVersionAndSizes() {
        assertThat(FrameHeader.FORMAT_VERSION).isEqualTo(1);
        assertThat(FrameHeader.FRAME_BYTES).isEqualTo(524_288);
        assertThat(FrameHeader.PAGE_BYTES).isEqualTo(4096);
        assertThat(FrameHeader.PAGES).isEqualTo(128);
        assertThat(FrameHeader.UNIT_BYTES).isEqualTo(8);
        assertThat(FrameHeader.BODY_BYTES).isEqualTo(520_192);
        assertThat(FrameHeader.MAX_BASE_PATH_BYTES).isEqualTo(2048);
        assertThat(FrameHeader.FREE_LIST_CLASSES).isEqualTo(128);
        assertThat(new byte[] {'H', 'L', 'T', 'F'})
                .isEqualTo(ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(FrameHeader.MAGIC)
                        .array());
        assertThat(FrameHeader.KIND_TREE).isEqualTo(1);
        assertThat(FrameHeader.KIND_VALUE).isEqualTo(2);
        assertThat(Leaf.MAX_INLINE_VALUE_BYTES).isEqualTo(65_536);
        assertThat(Leaf.LARGE_PART_BYTES).isEqualTo(520_192);
        assertThat(Leaf.LARGE).isEqualTo(1);
        assertThat(Leaf.SHORT).isEqualTo(4);
        assertThat(Leaf.MAX_SHORT_BYTES).isEqualTo(255);
    }

    @Test
    void theHeadersFieldsLieWhereTheyLie() throws IllegalAccessException {
        Map<String, Integer> offsets = new LinkedHashMap<>();
        offsets.put("LATCH_OFFSET", 0);
        offsets.put("BLOB_ID_OFFSET", 8);
        offsets.put("ROOT_UNIT_OFFSET", 12);
        offsets.put("ROOT_DEPTH_OFFSET", 14);
        offsets.put("EPOCH_OFFSET", 16);
        offsets.put("INNER_END_OFFSET", 24);
        offsets.put("LEAF_START_OFFSET", 28);
        offsets.put("INNER_LIVE_OFFSET", 32);
        offsets.put("LEAF_LIVE_OFFSET", 36);
        offsets.put("RECORDS_OFFSET", 40);
        offsets.put("CROSSINGS_OFFSET", 44);
        offsets.put("BASE_PATH_BYTES_OFFSET", 48);
        offsets.put("KIND_OFFSET", 50);
        offsets.put("FLAGS_OFFSET", 51);
        offsets.put("TREE_ID_OFFSET", 52);
        offsets.put("LSN_OFFSET", 56);
        offsets.put("MAGIC_OFFSET", 64);
        offsets.put("VERSION_OFFSET", 68);
        offsets.put("INNER_FREE_OFFSET", 72);
        offsets.put("LEAF_FREE_OFFSET", 76);
        offsets.put("PAYLOAD_BYTES_OFFSET", 80);
        offsets.put("PAGE_CRC_OFFSET", 512);
        offsets.put("BASE_PATH_OFFSET", 1024);
        offsets.put("INNER_LISTS_OFFSET", 3072);
        offsets.put("LEAF_LISTS_OFFSET", 3328);

        Map<String, Integer> actual = new LinkedHashMap<>();
        for (var field : FrameHeader.class.getDeclaredFields()) {
            if (Modifier.isPublic(field.getModifiers()) && field.getName().endsWith("_OFFSET")) {
                actual.put(field.getName(), field.getInt(null));
            }
        }
        assertThat(actual).isEqualTo(offsets);
        assertThat(FrameHeader.HEADER_END).isEqualTo(3584);
    }

    @Test
    void theHeadersAccessorsUseThem() {
        try (OffHeap memory = new OffHeap(FrameHeader.FRAME_BYTES)) {
            long frame = memory.address();
            FrameHeader.format(frame, FrameHeader.KIND_VALUE, 0x11223344, 0x55667788, 0x0102030405060708L);
            FrameHeader.path(frame, "abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 3);
            FrameHeader.rootUnit(frame, 0xBEEF);
            FrameHeader.addRecords(frame, 7);
            FrameHeader.addCrossings(frame, 9);
            FrameHeader.flags(frame, 0x5A);
            FrameHeader.lsn(frame, 0x1112131415161718L);
            FrameHeader.payloadBytes(frame, 0x21222324);

            ByteBuffer bytes = ByteBuffer.wrap(memory.get(0, 4096)).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(bytes.getInt(8)).isEqualTo(0x11223344);
            assertThat(bytes.getShort(12)).isEqualTo((short) 0xBEEF);
            assertThat(bytes.getShort(14)).isEqualTo((short) 3);
            assertThat(bytes.getLong(16)).isEqualTo(0x0102030405060708L);
            assertThat(bytes.getInt(24)).isEqualTo(4096);
            assertThat(bytes.getInt(28)).isEqualTo(524_288);
            assertThat(bytes.getInt(40)).isEqualTo(7);
            assertThat(bytes.getInt(44)).isEqualTo(9);
            assertThat(bytes.getShort(48)).isEqualTo((short) 3);
            assertThat(bytes.get(50)).isEqualTo((byte) 2);
            assertThat(bytes.get(51)).isEqualTo((byte) 0x5A);
            assertThat(bytes.getInt(52)).isEqualTo(0x55667788);
            assertThat(bytes.getLong(56)).isEqualTo(0x1112131415161718L);
            assertThat(bytes.getInt(64)).isEqualTo(0x46544C48);
            assertThat(bytes.getShort(68)).isEqualTo((short) 1);
            assertThat(bytes.getInt(80)).isEqualTo(0x21222324);
            assertThat(Arrays.copyOfRange(bytes.array(), 1024, 1028)).isEqualTo(new byte[] {'a', 'b', 'c', 0});
        }
    }

    @Test
    void nodesAreMadeOfTheirFields() {
        assertThat(new int[] {
                    NodeType.LEAF, NodeType.CROSSING, NodeType.NODE4, NodeType.NODE16, NodeType.NODE48, NodeType.NODE256
                })
                .isEqualTo(new int[] {1, 2, 3, 4, 5, 6});
        assertThat(new int[] {Node4.KEYS_OFFSET, Node4.CHILDREN_OFFSET, Node4.CAPACITY, Node4.UNITS})
                .isEqualTo(new int[] {8, 12, 4, 3});
        assertThat(new int[] {Node16.KEYS_OFFSET, Node16.CHILDREN_OFFSET, Node16.CAPACITY, Node16.UNITS})
                .isEqualTo(new int[] {8, 24, 16, 7});
        assertThat(new int[] {Node48.INDEX_OFFSET, Node48.CHILDREN_OFFSET, Node48.CAPACITY, Node48.UNITS})
                .isEqualTo(new int[] {8, 264, 48, 45});
        assertThat(new int[] {Node256.CHILDREN_OFFSET, Node256.CAPACITY, Node256.UNITS})
                .isEqualTo(new int[] {8, 256, 65});
        assertThat(Crossing.UNITS).isEqualTo(1);
    }

    @Test
    void headersOfNodesHaveTheirBitsInPlace() {
        assertThat(InnerNode.header(NodeType.NODE16, 0x1234, 0xABCD, 0x0F0E)).isEqualTo(0x0F0E_ABCD_1234_0004L);
        assertThat(Leaf.header(Leaf.LARGE, 0xFFFE, 0x7FFFFFEF)).isEqualTo(0x7FFFFFEF_FFFE_0101L);
        assertThat(Crossing.header(0x0100, 0x7EDCBA98)).isEqualTo(0x7EDCBA98_0100_0002L);
        try (OffHeap memory = new OffHeap(64)) {
            Memory.putLong(memory.address(), Leaf.header(0, 3, 5));
            assertThat(memory.get(0, 8)).isEqualTo(new byte[] {1, 4, 3, 5, 0, 0, 0, 0});
            Memory.putLong(memory.address(), Leaf.header(0, 3, 256));
            assertThat(memory.get(0, 8)).isEqualTo(new byte[] {1, 0, 3, 0, 0, 1, 0, 0});
        }
        assertThat(Leaf.units(0, 3, 5)).isEqualTo(2);
        assertThat(Leaf.units(0, 0, 0)).isEqualTo(1);
        assertThat(Leaf.units(0, 2, 2)).isEqualTo(1);
        assertThat(Leaf.units(0, 255, 1)).isEqualTo(33);
        assertThat(Leaf.units(0, 255, 6)).isEqualTo(34);
        assertThat(Leaf.units(0, 256, 0)).isEqualTo(33);
        assertThat(Leaf.units(Leaf.LARGE, 0, 520_193)).isEqualTo(2);
    }

    /** Short and long headers tell the same, whatever bytes of the key follow a short one. */
    @Test
    void everyLengthIsReadAsItWasWritten() {
        int[] lengths = {0, 1, 4, 254, 255, 256, 257, 65_535, 65_536};
        for (int keyBytes : lengths) {
            for (int valueBytes : lengths) {
                for (int flags : new int[] {0, Leaf.LARGE}) {
                    if (keyBytes > 65_535) {
                        continue;
                    }
                    long header = Leaf.header(flags, keyBytes, valueBytes);
                    boolean isShort = flags == 0 && keyBytes <= 255 && valueBytes <= 255;
                    long read = isShort ? header | 0xABCDEF98_00000000L : header;
                    assertThat(Leaf.isShort(read)).isEqualTo(isShort);
                    assertThat(Leaf.flags(read)).isEqualTo(flags);
                    assertThat(Leaf.keyBytes(read)).isEqualTo(keyBytes);
                    assertThat(Leaf.valueBytes(read)).isEqualTo(valueBytes);
                    assertThat(Leaf.key(1000, read)).isEqualTo(isShort ? 1004 : 1008);
                    assertThat(Leaf.value(1000, read)).isEqualTo((isShort ? 1004 : 1008) + keyBytes);
                    assertThat(Leaf.units(read)).isEqualTo(Leaf.units(flags, keyBytes, valueBytes));
                }
            }
        }
        try (OffHeap memory = new OffHeap(64)) {
            memory.put(0, new byte[] {9, 9, 9, 9, 'k', 'e', 'y', 0});
            Leaf.replaceHeader(memory.address(), Leaf.header(0, 3, 1));
            assertThat(memory.get(0, 8)).isEqualTo(new byte[] {1, 4, 3, 1, 'k', 'e', 'y', 0});
        }
    }
}
