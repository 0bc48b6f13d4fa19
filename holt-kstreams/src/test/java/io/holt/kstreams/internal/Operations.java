package io.holt.kstreams.internal;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.kafka.common.utils.Bytes;

/**
 * What the tests of random operations have in common.
 *
 * <p>{@code -Dholt.kstreams.operations=100000} makes them longer; the default keeps them short.
 */
final class Operations {

    private static final byte[] ALPHABET = {0, 1, 'a', 'b', (byte) 0x7F, (byte) 0x80, (byte) 0xFF};

    private Operations() {}

    /** Operations of one test on one kind of store with one seed. */
    static int count() {
        return Integer.getInteger("holt.kstreams.operations", 2_000);
    }

    /** A key of few different bytes, so that keys are often equal, prefixes of others, and at the ends of order. */
    static Bytes key(SplittableRandom random) {
        byte[] key = new byte[1 + random.nextInt(4)];
        for (int i = 0; i < key.length; i++) {
            key[i] = ALPHABET[random.nextInt(i < 2 ? 3 : ALPHABET.length)];
        }
        if (random.nextInt(16) == 0) {
            Arrays.fill(key, (byte) 0xFF);
        }
        return Bytes.wrap(key);
    }

    /** A key of three bytes. */
    static Bytes keyOfOneLength(SplittableRandom random) {
        return Bytes.wrap(Arrays.copyOf(key(random).get(), 3));
    }

    static byte[] value(SplittableRandom random) {
        byte[] value = new byte[random.nextInt(10) == 0 ? 0 : random.nextInt(300)];
        random.nextBytes(value);
        return value;
    }
}
