package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.snapshot.SnapshotHandle;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that records in ascending order overflow are divided where they are: I5, and each of them stays whole. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AppendedFramesTest {

    private static final int GROUPS = 3;
    private static final int STEPS = 9000;

    /** Group, number and sometimes more: in ascending order within each group; some keys begin with others. */
    private static byte[] key(int group, int number) {
        int more = number % 7 == 0 ? 3 : 0;
        return ByteBuffer.allocate(1 + Integer.BYTES + more)
                .put((byte) group)
                .putInt(number - (number % 7 == 0 && number > 0 ? 1 : 0))
                .array();
    }

    private record Frozen(SnapshotHandle handle, NavigableMap<byte[], byte[]> model) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whatIsAppendedUnderSnapshotsIsWhatAModelHas(long seed) {
        Random random = new Random(seed);
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        Deque<Frozen> frozen = new ArrayDeque<>();
        int[] numbers = new int[GROUPS];
        try (TreeRig rig = new TreeRig(400)) {
            for (int step = 0; step < STEPS; step++) {
                int group = random.nextInt(GROUPS);
                boolean append = random.nextInt(10) > 0;
                byte[] key = key(group, append ? numbers[group]++ : random.nextInt(numbers[group] + 1));
                if (append || random.nextInt(3) == 0) {
                    byte[] value = new byte[random.nextInt(500) == 0 ? 70_000 : random.nextInt(3000)];
                    random.nextBytes(value);
                    rig.put(key, value);
                    model.put(key, value);
                } else {
                    assertThat(rig.delete(key)).isEqualTo(model.remove(key) != null);
                }
                if (step % 60 == 0) {
                    frozen.add(new Frozen(rig.snapshot(), new TreeMap<>(model)));
                }
                if (frozen.size() > 2) {
                    Frozen oldest = frozen.remove();
                    rig.assertHolds(oldest.model, oldest.handle);
                    rig.core.closeSnapshot(oldest.handle);
                    rig.audit();
                }
            }
            frozen.forEach(last -> rig.core.closeSnapshot(last.handle));
            rig.assertHolds(model, null);
            rig.audit();
            assertThat(rig.stats().splits()).isGreaterThan(10);
        }
    }

    @Test
    void whatMovedLeavesNoDeadLeavesBehind() {
        try (TreeRig rig = new TreeRig(200)) {
            for (int number = 1; number < 200_000; number++) {
                rig.put(ByteBuffer.allocate(Long.BYTES).putLong(number).array(), new byte[20]);
            }
            rig.audit();
            assertThat(rig.stats().splits()).isGreaterThan(10);
            assertThat(rig.stats().deadBytes()).isLessThan(rig.stats().frameBytes() / 40);
            assertThat(rig.stats().liveBytes()).isGreaterThan(rig.stats().frameBytes() / 100 * 75);
        }
    }

    /** Leaves that move may lie side by side, and others that stay behind them: written later, for earlier keys. */
    @Test
    void whatWasWrittenSinceStays() {
        Random random = new Random(3);
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        try (TreeRig rig = new TreeRig(200)) {
            for (int number = 0; number < 3000; number++) {
                boolean again = number % 3 == 2;
                byte[] key = key(0, again ? number - 1 - random.nextInt(Math.min(number, 30)) : number);
                byte[] value = new byte[15_000 + random.nextInt(5000)];
                random.nextBytes(value);
                rig.put(key, value);
                model.put(key, value);
            }
            rig.assertHolds(model, null);
            rig.audit();
        }
    }
}
