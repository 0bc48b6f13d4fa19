package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSearchTest {

    private static AlignedBlobBuf buffer;

    /** Where the readable memory ends, padding included: in checked mode a read beyond it fails. */
    private static long end;

    @BeforeAll
    @BeforeContainer
    static void open() {
        buffer = AlignedBlobBuf.zeroed();
        end = buffer.address() + AlignedBlobBuf.BYTES + ReservedRanges.PADDING_BYTES;
    }

    @AfterAll
    @AfterContainer
    static void close() {
        buffer.close();
    }

    /** All values against sets of keys, for each count, with garbage behind the keys. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void searchInWordsAgreesWithALoop(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            int count = round % 17;
            byte[] keys = randomKeys(random, count);
            checkAllValues(keys, count);
        }
    }

    @Test
    void searchInWordsAgreesWithALoopForNeighboursOfEveryValue() {
        for (int value = 0; value < 256; value++) {
            for (int count = 1; count <= 16; count++) {
                byte[] keys = new byte[16];
                int first = Math.max(0, Math.min(value, 256 - count));
                for (int i = 0; i < 16; i++) {
                    keys[i] = (byte) (first + i);
                }
                checkAllValues(keys, count);
            }
        }
    }

    @Test
    void searchInWordsStaysInRangeWithUnsortedBytes() {
        Random random = new Random(5);
        byte[] keys = new byte[16];
        for (int round = 0; round < 100_000; round++) {
            random.nextBytes(keys);
            int count = random.nextInt(17);
            int value = random.nextInt(256);
            assertThat(ByteSearch.find16(word(keys, 0), word(keys, 8), value)).isEqualTo(naiveIndex(keys, 16, value));
            assertThat(ByteSearch.lowerBound16(word(keys, 0), word(keys, 8), count, value))
                    .isBetween(0, count);
        }
    }

    private static void checkAllValues(byte[] keys, int count) {
        long low = word(keys, 0);
        long high = word(keys, 8);
        Memory.copyFromArray(keys, 0, end - 16, 16);
        Memory.copyFromArray(keys, 0, end - 24, 8);
        for (int value = 0; value < 256; value++) {
            int index = naiveIndex(keys, count, value);
            int bound = naiveLowerBound(keys, count, value);
            assertThat(within(ByteSearch.find16(low, high, value), count)).isEqualTo(index);
            assertThat(ByteSearch.lowerBound16(low, high, count, value)).isEqualTo(bound);
            assertThat(ByteSearch.lowerBound(end - 16, count, value)).isEqualTo(bound);
            if (count <= 8) {
                assertThat(ByteSearch.lowerBound8(low, count, value)).isEqualTo(bound);
                assertThat(ByteSearch.lowerBound(end - 24, count, value)).isEqualTo(bound);
            }
            if (count <= 4) {
                assertThat(within(ByteSearch.find4((int) low, value), count)).isEqualTo(index);
            }
        }
        assertThat(ByteSearch.lowerBound(end - 16, count, 256)).isEqualTo(count);
    }

    private static byte[] randomKeys(Random random, int count) {
        byte[] keys = new byte[16];
        random.nextBytes(keys);
        int[] distinct = random.ints(0, 256).distinct().limit(count).sorted().toArray();
        for (int i = 0; i < count; i++) {
            keys[i] = (byte) distinct[i];
        }
        return keys;
    }

    /** Index of the first key, or {@code count}. */
    private static int naiveIndex(byte[] keys, int count, int value) {
        for (int i = 0; i < count; i++) {
            if ((keys[i] & 0xFF) == value) {
                return i;
            }
        }
        return count;
    }

    /** What is found behind the keys is garbage. */
    private static int within(int index, int count) {
        return Math.min(index, count);
    }

    private static int naiveLowerBound(byte[] keys, int count, int value) {
        int below = 0;
        for (int i = 0; i < count; i++) {
            below += (keys[i] & 0xFF) < value ? 1 : 0;
        }
        return below;
    }

    private static long word(byte[] keys, int offset) {
        long word = 0;
        for (int i = 0; i < 8; i++) {
            word |= (keys[offset + i] & 0xFFL) << (8 * i);
        }
        return word;
    }

    /** Each length up to 100, each place of the first difference, each alignment: with a second difference behind. */
    @Test
    void comparisonFindsTheFirstDifferenceAtEveryPlace() {
        for (int bytes = 0; bytes <= 100; bytes++) {
            for (int alignment = 0; alignment < 8; alignment++) {
                byte[] array = new byte[alignment + bytes];
                new Random(bytes).nextBytes(array);
                long address = end - bytes;
                Memory.copyFromArray(array, alignment, address, bytes);
                checkComparison(address, array, alignment, bytes, -1);
                for (int place = 0; place < bytes; place++) {
                    byte[] other = array.clone();
                    other[alignment + place] ^= (byte) (1 << (place % 8));
                    other[alignment + bytes - 1] ^= place < bytes - 1 ? (byte) 0x80 : 0;
                    checkComparison(address, other, alignment, bytes, place);
                }
            }
        }
    }

    /** Each length, each place of a difference, with and without room around in the array; garbage differs around. */
    @Test
    void equalityBeforeAnAddressSeesNoMoreThanTheRange() {
        long address = buffer.address() + 1024;
        Random random = new Random(7);
        byte[] around = new byte[256];
        for (int bytes = 0; bytes <= 60; bytes++) {
            for (int before = 0; before <= 9; before++) {
                for (int behind = 0; behind <= 9; behind++) {
                    byte[] array = new byte[before + bytes + behind];
                    random.nextBytes(array);
                    random.nextBytes(around);
                    Memory.copyFromArray(around, 0, address - 128, around.length);
                    Memory.copyFromArray(array, before, address - bytes, bytes);
                    checkEquality(address, array, before, bytes, true);
                    for (int place = 0; place < bytes; place++) {
                        array[before + place] ^= (byte) (1 << (place % 8));
                        checkEquality(address, array, before, bytes, false);
                        array[before + place] ^= (byte) (1 << (place % 8));
                    }
                }
            }
        }
    }

    private static void checkEquality(long address, byte[] array, int offset, int bytes, boolean expected) {
        assertThat(ByteSearch.equalUpTo(address, array, offset + bytes, bytes)).isEqualTo(expected);
        if (bytes > 0) {
            assertThat(ByteSearch.equalBefore(address, array, offset, bytes)).isEqualTo(expected);
        }
    }

    private static void checkComparison(long address, byte[] array, int offset, int bytes, int firstDifference) {
        assertThat(ByteSearch.mismatch(address, array, offset, bytes)).isEqualTo(firstDifference);
        assertThat(ByteSearch.commonPrefix(address, array, offset, bytes))
                .isEqualTo(firstDifference < 0 ? bytes : firstDifference);
        assertThat(ByteSearch.equal(address, array, offset, bytes)).isEqualTo(firstDifference < 0);
    }

    @Property(tries = 3000)
    void comparisonAgreesWithThatOfArrays(
            @ForAll("similarPair") Tuple.Tuple2<byte[], byte[]> pair, @ForAll @IntRange(max = 9) int offset) {
        byte[] inMemory = pair.get1();
        byte[] wanted = pair.get2();
        byte[] array = new byte[offset + wanted.length];
        System.arraycopy(wanted, 0, array, offset, wanted.length);
        long address = end - inMemory.length;
        Memory.copyFromArray(inMemory, 0, address, inMemory.length);

        int expected = Integer.signum(Arrays.compareUnsigned(inMemory, wanted));
        assertThat(Integer.signum(ByteSearch.compare(address, inMemory.length, array, offset, wanted.length)))
                .isEqualTo(expected);
        assertThat(Integer.signum(ByteSearch.compare(inMemory, 0, inMemory.length, array, offset, wanted.length)))
                .isEqualTo(expected);

        int shorter = Math.min(inMemory.length, wanted.length);
        int difference = Arrays.mismatch(inMemory, 0, shorter, wanted, 0, shorter);
        checkComparison(address, array, offset, shorter, difference);
    }

    /** Two strings of which one is the other with a byte changed, cut short or made longer; or any two. */
    @Provide
    Arbitrary<Tuple.Tuple2<byte[], byte[]>> similarPair() {
        Arbitrary<byte[]> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(80);
        Arbitrary<Tuple.Tuple2<byte[], byte[]>> changed = Combinators.combine(
                        bytes, Arbitraries.integers().between(0, 79), Arbitraries.bytes())
                .as((first, place, b) -> {
                    byte[] second = first.clone();
                    if (place < second.length) {
                        second[place] = b;
                    }
                    return Tuple.of(first, second);
                });
        Arbitrary<Tuple.Tuple2<byte[], byte[]>> resized = Combinators.combine(
                        bytes, Arbitraries.integers().between(0, 80))
                .as((first, length) -> Tuple.of(first, Arrays.copyOf(first, length)));
        Arbitrary<Tuple.Tuple2<byte[], byte[]>> any =
                Combinators.combine(bytes, bytes).as(Tuple::of);
        return Arbitraries.oneOf(changed, resized, any);
    }
}
