package io.holt.internal.art;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.testkit.OffHeap;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A frame that was filled by a finger is that which walks make. */
class FingerTest {

    private static final int BLOB_ID = 7;
    private static final byte[] NO_PATH = {};

    /** A frame, and the finger in it if it has one. */
    private static final class Filled implements AutoCloseable {
        final OffHeap heap = new OffHeap(FrameHeader.FRAME_BYTES + 256L * 1024);
        final long frame = heap.address();
        final Finger finger = new Finger();
        int byFinger;

        Filled() {
            ArtFrame.format(frame, BLOB_ID, 3, 1, NO_PATH, 0);
        }

        int walk(byte[] key) {
            return Signal.code(ArtInsert.put(frame, key, 0, key.length, 0, 0, ArtInsert.UPSERT));
        }

        int point(byte[] key) {
            int code = Signal.code(finger.put(frame, key, 0, key.length, 0, 0));
            if (code != Signal.ABSENT) {
                byFinger++;
                return code;
            }
            code = walk(key);
            finger.seek(frame, key, 0, key.length);
            return code;
        }

        @Override
        public void close() {
            heap.close();
        }
    }

    private static byte[] key(Random random) {
        StringBuilder key = new StringBuilder();
        for (int part = random.nextInt(4); part >= 0; part--) {
            key.append("/a-longer-common-part-", 0, random.nextInt(3) * 11);
            key.append((char) random.nextInt(random.nextInt(4) == 0 ? 256 : 12));
        }
        return key.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aFrameIsThatOfWalks(long seed) {
        Random random = new Random(seed);
        try (Filled walked = new Filled();
                Filled pointed = new Filled()) {
            int full = 0;
            while (full == 0) {
                byte[][] keys = new byte[1 + random.nextInt(300)][];
                Arrays.setAll(keys, i -> key(random));
                if (random.nextInt(3) > 0) {
                    keys = ascending(keys);
                }
                for (byte[] key : keys) {
                    int code = walked.walk(key);
                    assertThat(pointed.point(key)).isEqualTo(code);
                    full += code == Signal.FULL ? 1 : 0;
                }
                assertThat(FrameAudit.check(pointed.frame, BLOB_ID, NO_PATH, blobId -> {}))
                        .isEmpty();
            }
            // Byte for byte, from the header's end to the unused gap, and from there to the end.
            for (int[] part : new int[][] {
                {FrameHeader.PAGE_BYTES, FrameHeader.innerEnd(walked.frame)},
                {FrameHeader.leafStart(walked.frame), FrameHeader.FRAME_BYTES}
            }) {
                assertThat(pointed.heap.get(part[0], part[1] - part[0]))
                        .isEqualTo(walked.heap.get(part[0], part[1] - part[0]));
            }
            assertThat(pointed.byFinger).isGreaterThan(100);
        }
    }

    private static byte[][] ascending(byte[][] keys) {
        TreeSet<byte[]> sorted = new TreeSet<>(Arrays::compareUnsigned);
        sorted.addAll(Arrays.asList(keys));
        return sorted.toArray(new byte[0][]);
    }

    @Test
    void fourOfFiveKeysThatCountUpNeedNoWalk() {
        try (Filled pointed = new Filled()) {
            for (int i = 0; i < 3_000; i++) {
                byte[] key = "path/file-%06d.bin".formatted(i).getBytes(StandardCharsets.US_ASCII);
                assertThat(pointed.point(key)).isEqualTo(Signal.INSERTED);
            }
            assertThat(pointed.byFinger).isGreaterThan(2_300);
        }
    }

    @Test
    void aKeyThatIsThereIsNotPutAgain() {
        try (Filled pointed = new Filled()) {
            byte[] first = {1, 2, 3};
            byte[] second = {1, 2, 4};
            assertThat(pointed.point(first)).isEqualTo(Signal.INSERTED);
            assertThat(pointed.point(second)).isEqualTo(Signal.INSERTED);
            assertThat(pointed.point(first)).isEqualTo(Signal.REPLACED);
            assertThat(FrameHeader.records(pointed.frame)).isEqualTo(2);
        }
    }
}
