package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.MemoryBudgetException;
import io.holt.internal.snapshot.SnapshotHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** I5: what snapshots cost, counted in slots: each copy of a frame is one. */
class SnapshotCostTest {

    private static final int RECORDS = 8000;

    private final TreeRig rig = new TreeRig(400);
    private final NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);

    @AfterEach
    void close() {
        rig.close();
    }

    private void load() {
        for (int i = 0; i < RECORDS; i++) {
            put(i, 1);
        }
        assertThat(rig.audit()).isGreaterThan(10);
    }

    /** The same length again: the frame is changed, and divided by none of these puts. */
    private void put(int i, int version) {
        byte[] key = "directory-%d/file-%05d".formatted(i % 8, i).getBytes(StandardCharsets.US_ASCII);
        byte[] value = new byte[700];
        Arrays.fill(value, (byte) version);
        rig.put(key, value);
        model.put(key, value);
    }

    @Test
    void takingAndClosingOneTakesNoSlot() {
        load();
        long slots = rig.buffers.leasedSlots();
        List<SnapshotHandle> handles = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            handles.add(rig.snapshot());
        }
        assertThat(rig.buffers.leasedSlots()).isEqualTo(slots);
        assertThat(rig.snapshots.preImageCount()).isZero();
        handles.forEach(rig.core::closeSnapshot);
        assertThat(rig.snapshots.liveCount()).isZero();
        assertThat(rig.buffers.leasedSlots()).isEqualTo(slots);
    }

    @Test
    void withoutOneNothingIsCopied() {
        load();
        rig.core.closeSnapshot(rig.snapshot());
        long slots = rig.buffers.leasedSlots();
        for (int i = 0; i < RECORDS; i++) {
            put(i, 2);
            assertThat(rig.buffers.leasedSlots()).isEqualTo(slots);
        }
        assertThat(rig.snapshots.preImageCount()).isZero();
    }

    @Test
    void aPutCopiesAFrameOnceAndNoOther() {
        load();
        int frames = rig.audit();
        NavigableMap<byte[], byte[]> frozen = new TreeMap<>(model);
        SnapshotHandle handle = rig.snapshot();
        int copies = 0;
        for (int round = 2; round < 4; round++) {
            for (int i = 0; i < RECORDS; i++) {
                long slots = rig.buffers.leasedSlots();
                put(i, round);
                long more = rig.buffers.leasedSlots() - slots;
                assertThat(more).as("slots for one put").isBetween(0L, 1L);
                copies += (int) more;
            }
            assertThat(copies).as("a copy a frame at most").isPositive().isLessThanOrEqualTo(frames);
            assertThat(rig.snapshots.preImageCount()).isEqualTo(copies);
        }
        rig.assertHolds(frozen, handle);
        rig.core.closeSnapshot(handle);
        assertThat(rig.snapshots.preImageCount()).isZero();
        assertThat(rig.audit()).isEqualTo(frames);
    }

    /** Two that were taken without a change in between share the copies; a change in between needs another copy. */
    @Test
    void closingOneFreesWhatOnlyItNeeded() {
        load();
        SnapshotHandle first = rig.snapshot();
        SnapshotHandle same = rig.snapshot();
        put(1, 2);
        assertThat(rig.snapshots.preImageCount()).isEqualTo(1);
        SnapshotHandle later = rig.snapshot();
        put(1, 3);
        assertThat(rig.snapshots.preImageCount()).isEqualTo(2);
        put(2, 3);
        assertThat(rig.snapshots.preImageCount())
                .as("another frame, seen by all three")
                .isEqualTo(3);

        rig.core.closeSnapshot(first);
        assertThat(rig.snapshots.preImageCount()).as("all are still needed").isEqualTo(3);
        rig.core.closeSnapshot(same);
        assertThat(rig.snapshots.preImageCount())
                .as("what the later one does not see")
                .isEqualTo(2);
        rig.core.closeSnapshot(later);
        assertThat(rig.snapshots.preImageCount()).isZero();
        rig.audit();
    }

    /** Any number at once, closed in any order, while frames are divided and merged. */
    @Test
    void manyAtOnceEachSeeTheirMoment() {
        Random random = new Random(3);
        List<SnapshotHandle> handles = new ArrayList<>();
        List<NavigableMap<byte[], byte[]>> frozen = new ArrayList<>();
        for (int round = 0; round < 30; round++) {
            for (int i = 0; i < 150; i++) {
                put(random.nextInt(1500), round);
                if (round > 10 && !model.isEmpty()) {
                    byte[] first = model.firstKey();
                    assertThat(rig.delete(first)).isTrue();
                    model.remove(first);
                }
            }
            handles.add(rig.snapshot());
            frozen.add(new TreeMap<>(model));
        }
        while (!handles.isEmpty()) {
            int which = random.nextInt(handles.size());
            rig.assertHolds(frozen.remove(which), handles.get(which));
            int before = rig.snapshots.preImageCount();
            rig.core.closeSnapshot(handles.remove(which));
            assertThat(rig.snapshots.preImageCount()).isLessThanOrEqualTo(before);
            rig.audit();
        }
        assertThat(rig.snapshots.preImageCount()).isZero();
    }

    /** At the limit of the budget a put that needs a copy is refused, and changes nothing (I7). */
    @Test
    void withoutASlotForTheCopyThePutIsRefused() {
        load();
        SnapshotHandle handle = rig.snapshot();
        NavigableMap<byte[], byte[]> frozen = new TreeMap<>(model);
        List<Long> fillers = new ArrayList<>();
        while (rig.buffers.leasedSlots() < rig.pool.slots()) {
            fillers.add(rig.buffers.lease("filling the budget"));
        }
        byte[] key = model.firstKey();
        assertThatThrownBy(() -> rig.put(key, new byte[700])).isInstanceOf(MemoryBudgetException.class);
        assertThatThrownBy(() -> rig.delete(key)).isInstanceOf(MemoryBudgetException.class);
        rig.assertHolds(frozen, null);
        rig.assertHolds(frozen, handle);
        rig.core.closeSnapshot(handle);
        rig.put(key, new byte[700]);
        model.put(key, new byte[700]);
        rig.assertHolds(model, null);
        fillers.forEach(rig.buffers::release);
    }
}
