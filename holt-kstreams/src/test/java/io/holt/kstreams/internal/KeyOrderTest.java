package io.holt.kstreams.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Keys are sorted as a stable sort by unsigned bytes does it. */
final class KeyOrderTest {

    private static void compare(List<byte[]> keys) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int[] offsets = new int[keys.size() + 3];
        int[] lengths = new int[keys.size() + 3];
        for (int i = 0; i < keys.size(); i++) {
            offsets[i] = bytes.size();
            lengths[i] = keys.get(i).length;
            bytes.writeBytes(keys.get(i));
        }
        // What follows the last key must not matter.
        bytes.writeBytes(new byte[] {-1, 7, -1, 7, -1, 7, -1, 7});

        int[] expected = IntStream.range(0, keys.size())
                .boxed()
                .sorted(Comparator.comparing(keys::get, Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        assertThat(new KeyOrder(bytes.toByteArray(), offsets, lengths, keys.size()).sorted())
                .isEqualTo(expected);
    }

    /** Few different bytes, the smallest and the largest among them, so that keys are prefixes of others and equal. */
    @Test
    void randomKeysOfFewBytes() {
        byte[] alphabet = {0, 1, 127, -128, -1};
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int maxBytes = 1 + random.nextInt(40);
            int letters = 1 + random.nextInt(alphabet.length);
            List<byte[]> keys = new ArrayList<>();
            for (int i = random.nextInt(2_000); i > 0; i--) {
                byte[] key = new byte[random.nextInt(maxBytes)];
                for (int at = 0; at < key.length; at++) {
                    key[at] = alphabet[random.nextInt(letters)];
                }
                keys.add(key);
            }
            compare(keys);
        }
    }

    @Test
    void pathsWithLongCommonParts() {
        Random random = new Random(6);
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            String path = "bucket-%02d/path-%02d/sub-%d/file-%05d"
                    .formatted(random.nextInt(3), random.nextInt(3), random.nextInt(2), random.nextInt(700));
            keys.add(path.getBytes(US_ASCII));
        }
        compare(keys);
    }

    /** As deep as keys can be, and each a prefix of the next one. */
    @Test
    void deepKeysThatArePrefixesOfEachOther() {
        List<byte[]> keys = new ArrayList<>();
        for (int bytes = 65_535; bytes > 0; bytes -= 977) {
            keys.add(new byte[bytes]);
            keys.add(new byte[bytes]);
        }
        compare(keys);
    }

    @Test
    void sortedReversedAndEqualKeys() {
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            keys.add(BucketKey.plain(i));
        }
        compare(keys);
        compare(keys.reversed());
        keys.replaceAll(key -> new byte[] {1, 2, 3});
        compare(keys);
        compare(List.of());
    }
}
