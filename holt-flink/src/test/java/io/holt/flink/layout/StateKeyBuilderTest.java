package io.holt.flink.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.SerializedCompositeKeyBuilder;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.junit.jupiter.api.Test;

class StateKeyBuilderTest {

    private static final Object OWNER = new Object();
    private static final int KEY_GROUPS = 32768;

    @Test
    void goldenBytes() throws IOException {
        StateKeyBuilder<Long> ofLong = new StateKeyBuilder<>(LongSerializer.INSTANCE, KEY_GROUPS);
        ofLong.setKey(0x0102030405060708L, 0x1122);
        ofLong.build(OWNER, VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE);
        assertThat(hex(ofLong)).isEqualTo("1122" + "0102030405060708" + "00");
        ofLong.appendSequence(5);
        assertThat(hex(ofLong)).isEqualTo("1122" + "0102030405060708" + "00" + "0000000000000005");

        // Both vary in length, so their lengths follow them; a string starts with its own length plus one.
        StateKeyBuilder<String> ofString = new StateKeyBuilder<>(StringSerializer.INSTANCE, KEY_GROUPS);
        ofString.setKey("ab", 7);
        ofString.build(OWNER, "n", StringSerializer.INSTANCE);
        assertThat(hex(ofString)).isEqualTo("0007" + "036162" + "03" + "026e" + "02");
        ofString.appendMapKey(9, IntSerializer.INSTANCE);
        assertThat(hex(ofString)).isEqualTo("0007" + "036162" + "03" + "026e" + "02" + "00000009");
    }

    private static String hex(StateKeyBuilder<?> builder) {
        return HexFormat.of().formatHex(builder.copy());
    }

    @Test
    void keysAreThoseOfCanonicalSavepoints() throws IOException {
        checkCanonical(StringSerializer.INSTANCE, nestedStrings(), StringSerializer.INSTANCE, nestedStrings());
        checkCanonical(
                LongSerializer.INSTANCE,
                List.of(0L, -1L, Long.MIN_VALUE),
                VoidNamespaceSerializer.INSTANCE,
                List.of(VoidNamespace.INSTANCE));
        checkCanonical(
                StringSerializer.INSTANCE,
                nestedStrings(),
                new TimeWindow.Serializer(),
                List.of(new TimeWindow(0, 1), new TimeWindow(-1, 5)));
    }

    private static <K, N> void checkCanonical(
            TypeSerializer<K> keySerializer, List<K> keys, TypeSerializer<N> namespaceSerializer, List<N> namespaces)
            throws IOException {
        for (int keyGroups : new int[] {1, 128, 129, 32768}) {
            int canonicalBytes = StateKeyDescriptor.canonicalKeyGroupBytes(keyGroups);
            StateKeyBuilder<K> builder = new StateKeyBuilder<>(keySerializer, keyGroups);
            SerializedCompositeKeyBuilder<K> flinks =
                    new SerializedCompositeKeyBuilder<>(keySerializer, canonicalBytes, 32);
            for (K key : keys) {
                builder.setKey(key, keyGroups - 1);
                flinks.setKeyAndKeyGroup(key, keyGroups - 1);
                for (N namespace : namespaces) {
                    builder.forgetNamespace(OWNER);
                    builder.build(OWNER, namespace, namespaceSerializer);
                    builder.appendMapKey("map key", StringSerializer.INSTANCE);
                    byte[] canonical =
                            StateKeyDescriptor.toCanonical(builder.array(), 0, builder.length(), canonicalBytes);
                    assertThat(canonical)
                            .isEqualTo(flinks.buildCompositeKeyNamesSpaceUserKey(
                                    namespace, namespaceSerializer, "map key", StringSerializer.INSTANCE));
                }
            }
        }
    }

    /** K1 for serializers of every sort, with values chosen so that their bytes nest. */
    @Test
    void noPrefixIsAPrefixOfAnother() {
        List<byte[]> arrays = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            byte[] array = new byte[random.nextInt(6)];
            for (int at = 0; at < array.length; at++) {
                array[at] = (byte) random.nextInt(3);
            }
            arrays.add(array);
        }
        TypeSerializer<Tuple2<String, Integer>> pairs = TypeInformation.of(new TypeHint<Tuple2<String, Integer>>() {})
                .createSerializer(new SerializerConfigImpl());
        checkPrefixFree(StringSerializer.INSTANCE, nestedStrings(), StringSerializer.INSTANCE, nestedStrings());
        checkPrefixFree(BytePrimitiveArraySerializer.INSTANCE, arrays, StringSerializer.INSTANCE, nestedStrings());
        checkPrefixFree(StringSerializer.INSTANCE, nestedStrings(), BytePrimitiveArraySerializer.INSTANCE, arrays);
        checkPrefixFree(
                pairs,
                List.of(Tuple2.of("", 0), Tuple2.of("", 1), Tuple2.of("\u0000", 0), Tuple2.of("\u0000\u0000", 0)),
                IntSerializer.INSTANCE,
                List.of(0, 1, 256, 65536));
    }

    private static <K, N> void checkPrefixFree(
            TypeSerializer<K> keySerializer, List<K> keys, TypeSerializer<N> namespaceSerializer, List<N> namespaces) {
        StateKeyBuilder<K> builder = new StateKeyBuilder<>(keySerializer, 1);
        List<byte[]> prefixes = new ArrayList<>();
        for (K key : keys) {
            builder.setKey(key, 0);
            for (N namespace : namespaces) {
                builder.forgetNamespace(OWNER);
                builder.build(OWNER, namespace, namespaceSerializer);
                prefixes.add(builder.copy());
            }
        }
        // In sorted order a string is followed by those it is a prefix of.
        prefixes.sort(Arrays::compareUnsigned);
        for (int i = 1; i < prefixes.size(); i++) {
            byte[] prefix = prefixes.get(i - 1);
            byte[] next = prefixes.get(i);
            boolean isProperPrefix = prefix.length < next.length
                    && StateKeyDescriptor.startsWith(next, 0, next.length, prefix, prefix.length);
            assertThat(isProperPrefix).isFalse();
        }
    }

    private static List<String> nestedStrings() {
        return List.of(
                "", "\u0000", "\u0001", "a", "aa", "aaa", "\u0002", "\u0002a", "\u0002\u0002", "\u0003aa", "\u0003");
    }

    @Test
    void namespaceIsSerializedAgainForAnotherOwnerOrKey() {
        StateKeyBuilder<Integer> builder = new StateKeyBuilder<>(IntSerializer.INSTANCE, KEY_GROUPS);
        Object other = new Object();
        builder.setKey(1, 0);
        builder.build(OWNER, 10, IntSerializer.INSTANCE);
        builder.build(other, 20, IntSerializer.INSTANCE);
        assertThat(hex(builder)).isEqualTo("0000" + "00000001" + "00000014");
        builder.build(OWNER, 10, IntSerializer.INSTANCE);
        assertThat(hex(builder)).isEqualTo("0000" + "00000001" + "0000000a");
        builder.setKey(2, 1);
        builder.build(OWNER, 11, IntSerializer.INSTANCE);
        assertThat(hex(builder)).isEqualTo("0001" + "00000002" + "0000000b");
        builder.forgetNamespace(OWNER);
        builder.build(OWNER, 12, IntSerializer.INSTANCE);
        assertThat(hex(builder)).isEqualTo("0001" + "00000002" + "0000000c");
    }

    @Test
    void withoutAKeyNothingIsBuilt() {
        StateKeyBuilder<Integer> builder = new StateKeyBuilder<>(IntSerializer.INSTANCE, KEY_GROUPS);
        assertThatThrownBy(() -> builder.build(OWNER, 10, IntSerializer.INSTANCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no current key");
    }

    @Test
    void successorIsTheLeastKeyBehindAPrefix() {
        assertThat(StateKeyDescriptor.successor(bytes(1, 2, 3), 3)).isEqualTo(bytes(1, 2, 4));
        assertThat(StateKeyDescriptor.successor(bytes(1, 2, 3), 2)).isEqualTo(bytes(1, 3));
        assertThat(StateKeyDescriptor.successor(bytes(1, 0xFF, 0xFF), 3)).isEqualTo(bytes(2));
        assertThat(StateKeyDescriptor.successor(bytes(0x7F), 1)).isEqualTo(bytes(0x80));
        assertThat(StateKeyDescriptor.successor(bytes(0xFF, 0xFF), 2)).isNull();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
