package io.holt.flink.differential;

import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** Types of keys and namespaces, with values whose bytes are close to each other. */
record Setting<K, N>(
        String name,
        TypeSerializer<K> keySerializer,
        List<K> keys,
        TypeSerializer<N> namespaceSerializer,
        List<N> namespaces,
        int keyGroups) {

    /** Strings that are prefixes of each other, of bytes that occur as lengths and delimiters. */
    private static final List<String> NESTED = List.of(
            "",
            "a",
            "aa",
            "aaa",
            "ab",
            "b",
            "a,b",
            ",",
            "\u0001",
            "\u0001\u0001",
            "\u0002a",
            "x".repeat(300),
            "x".repeat(301));

    /** The same with at most so many key groups; a restore takes time for each. */
    Setting<K, N> withKeyGroups(int most) {
        return new Setting<>(name, keySerializer, keys, namespaceSerializer, namespaces, Math.min(keyGroups, most));
    }

    static Setting<?, ?>[] all() {
        TypeSerializer<Tuple2<String, Integer>> pairs = TypeInformation.of(new TypeHint<Tuple2<String, Integer>>() {})
                .createSerializer(new SerializerConfigImpl());
        return new Setting<?, ?>[] {
            new Setting<>(
                    "string keys, string namespaces",
                    StringSerializer.INSTANCE,
                    NESTED,
                    StringSerializer.INSTANCE,
                    List.of("", "a", "ab", "\u0002a"),
                    10),
            new Setting<>(
                    "long keys, no namespaces",
                    LongSerializer.INSTANCE,
                    List.of(0L, 1L, 255L, 256L, -1L, -256L, Long.MIN_VALUE, Long.MAX_VALUE, 65536L),
                    VoidNamespaceSerializer.INSTANCE,
                    List.of(VoidNamespace.INSTANCE),
                    128),
            new Setting<>(
                    "string keys, windows",
                    StringSerializer.INSTANCE,
                    NESTED,
                    new TimeWindow.Serializer(),
                    List.of(new TimeWindow(0, 1), new TimeWindow(0, 256), new TimeWindow(-1, 0)),
                    300),
            new Setting<>(
                    "pairs as keys, numbers as namespaces",
                    pairs,
                    List.of(
                            Tuple2.of("", 0),
                            Tuple2.of("", -1),
                            Tuple2.of("a", 0),
                            Tuple2.of("aa", 255),
                            Tuple2.of("aa", 256),
                            Tuple2.of("\u00e9", 7),
                            Tuple2.of("zz", Integer.MIN_VALUE)),
                    IntSerializer.INSTANCE,
                    List.of(0, 1, -1, 256),
                    32768)
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
