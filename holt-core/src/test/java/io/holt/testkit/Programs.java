package io.holt.testkit;

import io.holt.testkit.Program.Bytes;
import io.holt.testkit.Program.Step;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Generators of random programs and of the keys that radix trees find hard. */
public final class Programs {

    private static final int TREES = 2;
    private static final int MANY_BYTES_MAX = 8 << 20;

    private Programs() {}

    /** Programs of up to so many steps. */
    public static Arbitrary<List<Step>> ofSteps(Arbitrary<Bytes> keys, Arbitrary<Bytes> values, int maxSteps) {
        return Arbitraries.frequencyOf(
                        Tuple.of(30, put(keys, values)),
                        Tuple.of(3, putMany(keys)),
                        Tuple.of(
                                5,
                                tree().flatMap(t -> Combinators.combine(keys, values)
                                        .as((k, v) -> (Step) new Program.PutIfAbsent(t, k, v)))),
                        Tuple.of(10, tree().flatMap(t -> keys.map(k -> (Step) new Program.Delete(t, k)))),
                        Tuple.of(5, tree().flatMap(t -> keys.map(k -> (Step) new Program.GetAndDelete(t, k)))),
                        Tuple.of(6, Combinators.combine(tree(), keys, values).as((t, k, v) ->
                                (Step) new Program.PutVersioned(t, k, v))),
                        Tuple.of(
                                5,
                                Combinators.combine(tree(), keys, Arbitraries.of(Program.Expected.class), values)
                                        .as((t, k, e, v) -> (Step) new Program.CompareAndPut(t, k, e, v))),
                        Tuple.of(
                                3,
                                Combinators.combine(tree(), keys, Arbitraries.of(Program.Expected.class))
                                        .as((t, k, e) -> (Step) new Program.DeleteIfVersion(t, k, e))),
                        Tuple.of(
                                6,
                                Combinators.combine(tree(), keys, keys, Arbitraries.of(true, false))
                                        .as((t, from, to, force) -> (Step) new Program.Rename(t, from, to, force))),
                        Tuple.of(5, batch(keys, values)),
                        Tuple.of(4, tree().flatMap(t -> keys.map(k -> (Step) new Program.DeletePrefix(t, cut(k))))),
                        Tuple.of(10, tree().flatMap(t -> keys.map(k -> (Step) new Program.Get(t, k)))),
                        Tuple.of(15, scan(keys)),
                        Tuple.of(3, Arbitraries.just((Step) new Program.TakeSnapshot())),
                        Tuple.of(3, Arbitraries.just((Step) new Program.CloseSnapshot())),
                        Tuple.of(2, Arbitraries.just((Step) new Program.Reopen())))
                .list()
                .ofMinSize(1)
                .ofMaxSize(maxSteps);
    }

    /** Keys of 0 to 4 bytes out of few: many collisions, prefixes of each other, the empty key. */
    public static Arbitrary<Bytes> smallKeys() {
        return Arbitraries.of(0, 1, 97, 98, 0x7F, 0x80, 0xFF)
                .list()
                .ofMaxSize(4)
                .map(list -> new Bytes(toBytes(list)));
    }

    /** Keys like paths, with long common prefixes. */
    public static Arbitrary<Bytes> pathKeys() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 11),
                        Arbitraries.integers().between(0, 300),
                        Arbitraries.integers().between(1, 3))
                .as((bucket, directory, file, parts) -> {
                    String path = "bucket-" + bucket;
                    path += parts > 1 ? "/some/long/common/path/dir-" + directory : "";
                    path += parts > 2 ? "/file-" + file : "";
                    return new Bytes(path.getBytes(StandardCharsets.UTF_8));
                });
    }

    /** Keys of any bytes and of lengths up to the longest, many of them prefixes of each other. */
    public static Arbitrary<Bytes> anyKeys() {
        Arbitrary<Bytes> random =
                Arbitraries.bytes().array(byte[].class).ofMaxSize(12).map(Bytes::new);
        Arbitrary<Bytes> repeated = Combinators.combine(
                        Arbitraries.of(0, 97, 0xFF),
                        Arbitraries.of(1, 2, 7, 8, 9, 255, 256, 2047, 2048, 2049, 4000, 65_534, 65_535),
                        Arbitraries.integers().between(0, 3))
                .as((value, length, tail) -> {
                    byte[] key = new byte[length];
                    Arrays.fill(key, value.byteValue());
                    key[length - 1] += (byte) (int) tail;
                    return new Bytes(key);
                });
        return Arbitraries.frequencyOf(Tuple.of(3, random), Tuple.of(2, repeated), Tuple.of(2, smallKeys()));
    }

    /** Values of 0 to 20 bytes. */
    public static Arbitrary<Bytes> smallValues() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(Bytes::new);
    }

    /** Values of 0 to 3,000 bytes. */
    public static Arbitrary<Bytes> mediumValues() {
        return filled(Arbitraries.integers().between(0, 3000));
    }

    /** Values of 0 bytes to 4 MiB, with the lengths where their place in the frame changes. */
    public static Arbitrary<Bytes> anyValues() {
        return filled(Arbitraries.of(
                0, 1, 7, 8, 100, 65_535, 65_536, 65_537, 70_000, 520_191, 520_192, 520_193, 1_040_384, 4 << 20));
    }

    private static Arbitrary<Bytes> filled(Arbitrary<Integer> lengths) {
        return Combinators.combine(lengths, Arbitraries.integers().between(0, 255))
                .as((length, seed) -> {
                    byte[] value = new byte[length];
                    for (int i = 0; i < length; i++) {
                        value[i] = (byte) (seed + i * 31 + (i >>> 8));
                    }
                    return new Bytes(value);
                });
    }

    private static Arbitrary<Integer> tree() {
        return Arbitraries.integers().between(0, TREES - 1);
    }

    private static Arbitrary<Step> put(Arbitrary<Bytes> keys, Arbitrary<Bytes> values) {
        return Combinators.combine(tree(), keys, values).as(Program.Put::new);
    }

    /** Batches of few steps mostly, so that guards and renames do not rule out nearly all of them. */
    private static Arbitrary<Step> batch(Arbitrary<Bytes> keys, Arbitrary<Bytes> values) {
        Arbitrary<Program.BatchVerb> verbs = Arbitraries.frequencyOf(
                Tuple.of(12, Arbitraries.just(Program.BatchVerb.PUT)),
                Tuple.of(8, Arbitraries.of(Program.BatchVerb.class)));
        Arbitrary<Program.BatchStep> step = verbs.flatMap(verb -> {
            boolean rename = verb == Program.BatchVerb.RENAME || verb == Program.BatchVerb.RENAME_BY_FORCE;
            boolean prefix = verb == Program.BatchVerb.DELETE_PREFIX || verb == Program.BatchVerb.ASSERT_PREFIX_EMPTY;
            return Combinators.combine(tree(), prefix ? keys.map(Programs::cut) : keys, rename ? keys : values)
                    .as((t, k, other) -> new Program.BatchStep(verb, t, k, other));
        });
        return step.list().ofMinSize(1).ofMaxSize(12).map(Program.Batch::new);
    }

    private static Arbitrary<Step> putMany(Arbitrary<Bytes> keys) {
        return Combinators.combine(
                        tree(),
                        keys.map(Programs::cut),
                        Arbitraries.integers().between(1, 3000),
                        Arbitraries.of(0, 10, 100, 400),
                        Arbitraries.longs())
                .as((tree, prefix, count, valueBytes, seed) -> {
                    // Many keys of the greatest length would fill the memory of any test by themselves.
                    int most = MANY_BYTES_MAX / (prefix.array().length + valueBytes + 1);
                    return new Program.PutMany(tree, prefix, Math.min(count, most), valueBytes, seed);
                });
    }

    private static Arbitrary<Step> scan(Arbitrary<Bytes> keys) {
        Arbitrary<Boolean> either = Arbitraries.of(true, false);
        return Combinators.combine(
                        tree(),
                        keys.map(Programs::cut).injectNull(0.5),
                        keys.injectNull(0.5),
                        either,
                        keys.injectNull(0.5),
                        either,
                        either,
                        Combinators.combine(Arbitraries.of(0, 1, 2, 10, 100, Integer.MAX_VALUE), rolled(keys))
                                .as(Tuple::of))
                .as((tree, prefix, from, fromInclusive, to, toInclusive, reverse, rest) -> new Program.ScanStep(
                        tree, prefix, from, fromInclusive, to, toInclusive, reverse, rest.get1(), rest.get2()));
    }

    private static Arbitrary<Program.Rolled> rolled(Arbitrary<Bytes> keys) {
        Arbitrary<Program.Rolled> delimited = keys.map(Programs::cut).map(key -> {
            byte[] array = key.array();
            int last = Math.max(0, array.length - 1);
            return new Program.Rolled(
                    array.length == 0
                            ? new Bytes(new byte[] {'/'})
                            : new Bytes(Arrays.copyOfRange(array, Math.max(0, last - (array[last] & 1)), last + 1)),
                    0,
                    0);
        });
        return Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.just(Program.Rolled.NO)),
                Tuple.of(1, Arbitraries.just(new Program.Rolled(new Bytes(new byte[] {'/'}), 0, 0))),
                Tuple.of(2, delimited),
                Tuple.of(2, Arbitraries.of(1, 2, 9, 30).map(bytes -> new Program.Rolled(null, bytes, 0))),
                Tuple.of(2, Arbitraries.of(1, 2, 9, 30).map(bytes -> new Program.Rolled(null, 0, bytes))));
    }

    /** Some prefix of a key: which one follows from its bytes, so that shrinking keeps it. */
    private static Bytes cut(Bytes key) {
        int length = key.array().length;
        return new Bytes(Arrays.copyOf(key.array(), Math.floorMod(Arrays.hashCode(key.array()), length + 1)));
    }

    private static byte[] toBytes(List<Integer> list) {
        byte[] bytes = new byte[list.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = list.get(i).byteValue();
        }
        return bytes;
    }
}
