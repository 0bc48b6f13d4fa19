package io.holt.internal.art;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import io.holt.testkit.OffHeap;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One writer changes a frame under its latch without pause, readers look a record up: with the version check every
 * value is whole (I1, I2); without it the same readers soon see a torn one, so the test is able to see it.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OptimisticReadTest {

    private static final byte[] KEY = "some/key".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST_BYTES = 6000;

    @Test
    void aValidatedReadIsWhole() throws Exception {
        assertThat(readsUntilTorn(true, 300_000)).isZero();
    }

    @Test
    void aReadThatIsNotValidatedIsTornSoonerOrLater() throws Exception {
        assertThat(readsUntilTorn(false, Long.MAX_VALUE)).isPositive();
    }

    /** Answers after how many reads a torn one was seen, or 0 if none was. */
    private static long readsUntilTorn(boolean validating, long mostReads) throws Exception {
        try (OffHeap memory = new OffHeap(FrameHeader.FRAME_BYTES + 256 * 1024)) {
            long frame = memory.address();
            Memory.putLong(frame, 3);
            ArtFrame.format(frame, 1, 1, 1, new byte[0], 0);
            write(frame, 1);
            HybridLatch.unlock(frame, 2);
            AtomicBoolean done = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread writer = new Thread(() -> {
                for (int i = 0; !done.get(); i++) {
                    long version = HybridLatch.lock(frame);
                    write(frame, i);
                    HybridLatch.unlock(frame, version);
                }
            });
            writer.setUncaughtExceptionHandler((thread, error) -> failure.set(error));
            writer.start();
            long reads = 0;
            boolean torn = false;
            try {
                BooleanSupplier goesOn = () -> failure.get() == null;
                while (!torn && reads < mostReads && goesOn.getAsBoolean()) {
                    reads++;
                    torn = readIsTorn(frame, validating);
                }
            } finally {
                done.set(true);
                writer.join(TimeUnit.SECONDS.toMillis(30));
            }
            assertThat(failure.get()).isNull();
            return torn ? reads : 0;
        }
    }

    /** A value of one byte over and over, of a length that follows from it; now and then neighbours are put, too. */
    private static void write(long frame, int i) {
        byte[] value = new byte[lengthOf((byte) i)];
        Arrays.fill(value, (byte) i);
        put(frame, KEY, value);
        byte[] neighbour = Arrays.copyOf(KEY, KEY.length + 1 + i % 3);
        neighbour[KEY.length - 1] = (byte) (i % 40);
        if (i % 2 == 0) {
            put(frame, neighbour, new byte[i % 100]);
        } else {
            ArtErase.erase(frame, neighbour, 0, neighbour.length, true);
        }
    }

    private static void put(long frame, byte[] key, byte[] value) {
        long signal = ArtInsert.put(frame, key, 0, key.length, 0, value.length, ArtInsert.UPSERT);
        if (Signal.code(signal) == Signal.FULL) {
            ArtFrame.clear(frame);
            signal = ArtInsert.put(frame, key, 0, key.length, 0, value.length, ArtInsert.UPSERT);
        }
        long leaf = frame + 8L * Signal.payload(signal);
        Memory.copyFromArray(value, 0, Leaf.value(leaf, Memory.getLong(leaf)), value.length);
    }

    private static boolean readIsTorn(long frame, boolean validating) {
        long version = HybridLatch.tryReadVersion(frame);
        if (validating && HybridLatch.isHeld(version)) {
            return false;
        }
        long signal = ArtLookup.find(frame, KEY, 0, KEY.length);
        byte[] value = {};
        if (Signal.code(signal) == Signal.FOUND) {
            long leaf = frame + 8L * Signal.payload(signal);
            long header = Memory.getLong(leaf);
            value = new byte[Math.clamp(Leaf.valueBytes(header), 0, Leaf.MAX_INLINE_VALUE_BYTES)];
            Memory.copyToArray(Leaf.value(leaf, header), value, 0, value.length);
        }
        if (validating && !HybridLatch.validate(frame, version)) {
            return false;
        }
        byte[] whole = new byte[value.length == 0 ? 0 : lengthOf(value[0])];
        Arrays.fill(whole, value.length == 0 ? 0 : value[0]);
        boolean missing = validating && Signal.code(signal) != Signal.FOUND;
        return missing || !Arrays.equals(value, whole);
    }

    private static int lengthOf(byte value) {
        return 1 + (value & 0xFF) * 23 % MOST_BYTES;
    }
}
