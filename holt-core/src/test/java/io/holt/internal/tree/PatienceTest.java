package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Cursor;
import io.holt.api.RenameResult;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.internal.art.ArtFrame;
import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.Signal;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.SpillFile;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An operation begins again {@value Retry#OPTIMISTIC_ATTEMPTS} times at most because of what others do to the frames on
 * its way; then it takes latches, and waits for them. Memory is so short here that when a frame is read in, the one
 * that named it, or that it names, must go: no optimistic walk from the root to a child is ever valid, and each
 * operation comes to its bound. All in the thread that walks, so nothing depends on time.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PatienceTest {

    private static final byte[] KEY = bytes("dir/Ap");
    private static final byte[] NEW = bytes("dir/An");
    private static final byte[] VALUE = {1, 2, 3};
    private static final int SLOTS = 16;

    private final TreeRig rig = new TreeRig(SLOTS);
    private final Disk disk = new Disk();
    private TreeReader reader;
    private int child;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Evicted frames. To read one in makes the other of root and child go, if its latch is free. */
    private final class Disk implements SpillFile {
        private final Map<Integer, byte[]> places = new HashMap<>();
        private final Deque<Integer> slots = new ArrayDeque<>();
        private int next;
        private long sinceRestarts;
        private long stopAt = Long.MAX_VALUE;
        private Runnable whenStopped = () -> {};

        @Override
        public int write(long image) {
            byte[] frame = new byte[FrameHeader.FRAME_BYTES];
            Memory.copyToArray(image, frame, 0, frame.length);
            places.put(next, frame);
            return next++;
        }

        @Override
        public void read(int place, int blobId, long address) {
            Memory.copyFromArray(places.get(place), 0, address, FrameHeader.FRAME_BYTES);
            Memory.putLong(address, FrameHeader.LATCH_ON_DISK);
            if (blobId == child) {
                evict(rig.tree.rootBlobId());
            } else if (blobId == rig.tree.rootBlobId()) {
                evict(child);
            }
        }

        @Override
        public void free(int place) {
            places.remove(place);
        }

        /** Takes all slots that are free, so that others are looked for, until a frame is gone. */
        void evict(int blobId) {
            boolean latched = rig.buffers.residentAddress(blobId) > 0
                    && HybridLatch.isHeld(HybridLatch.tryReadVersion(rig.buffers.residentAddress(blobId)));
            if (latched) {
                return;
            }
            if (rig.tree.restarts().sum() >= stopAt) {
                whenStopped.run();
                whenStopped = () -> {};
                return;
            }
            assertThat(rig.tree.restarts().sum() - sinceRestarts)
                    .as("restarts so far")
                    .isLessThanOrEqualTo(Retry.OPTIMISTIC_ATTEMPTS);
            takeAll();
            while (rig.buffers.residentAddress(blobId) > 0) {
                assertThat(rig.pool.ledger().evictOne()).isTrue();
                takeAll();
            }
            while (!slots.isEmpty()) {
                rig.pool.releaseSlot(slots.pop());
            }
        }

        private void takeAll() {
            for (int slot = rig.pool.leaseSlot(); slot >= 0; slot = rig.pool.leaseSlot()) {
                slots.push(slot);
            }
        }
    }

    @BeforeEach
    void makeATreeThatIsTooLarge() {
        // Before its frames are made: who evicts is noted where a slot is taken.
        child = -1;
        rig.buffers.enableEviction(disk, e -> {});
        disk.stopAt = 0;
        rig.put(KEY, VALUE);
        for (int i = 0; rig.stats().frames() < 5; i++) {
            rig.put(bytes("dir/" + (char) ('A' + i % 26) + i), new byte[24_000]);
        }
        reader = TreeAccess.reader(rig.core, rig.tree, null);
        long root = rig.buffers.residentAddress(rig.tree.rootBlobId());
        long found = ArtLookup.find(root, KEY, 0, KEY.length);
        assertThat(Signal.code(found)).isEqualTo(Signal.CROSS);
        child = Signal.payload(found);
        disk.stopAt = Long.MAX_VALUE;
        disk.evict(child);
        assertThat(rig.tree.restarts().sum()).isZero();
    }

    @AfterEach
    void nobodyIsLeftWithALatch() {
        assertFree();
        assertThat(rig.get(KEY)).isEqualTo(VALUE);
        rig.close();
    }

    private void assertFree() {
        rig.buffers.blobIds().stream()
                .mapToLong(rig.buffers::residentAddress)
                .filter(address -> address > 0)
                .forEach(address -> assertThat(HybridLatch.isHeld(HybridLatch.tryReadVersion(address)))
                        .isFalse());
    }

    private void assertBounded(String what, BooleanSupplier operation) {
        for (int times = 0; times < 2; times++) {
            long before = rig.tree.restarts().sum();
            disk.sinceRestarts = before;
            disk.evict(child);
            assertThat(operation.getAsBoolean()).as(what).isTrue();
            assertThat(rig.tree.restarts().sum() - before)
                    .as("restarts of %s", what)
                    .isEqualTo(Retry.OPTIMISTIC_ATTEMPTS);
            assertFree();
        }
    }

    @Test
    void readersComeToAnEnd() {
        byte[] target = new byte[VALUE.length];
        assertBounded("get", () -> reader.get(KEY, 0, KEY.length, target, 0) == VALUE.length);
        assertBounded("get of a new array", () -> reader.get(KEY, 0, KEY.length).length == VALUE.length);
        assertBounded("get of what is absent", () -> reader.get(NEW, 0, NEW.length) == null);
        assertBounded("contains", () -> reader.contains(KEY, 0, KEY.length));
        assertBounded("version", () -> reader.version(KEY, 0, KEY.length) == TreeView.NO_VERSION);
        MemorySegment segment = MemorySegment.ofArray(target);
        assertBounded("get to a segment", () -> reader.get(KEY, 0, KEY.length, segment) == VALUE.length);
        assertBounded("longest prefix", () -> reader.longestPrefix(bytes("dir/Ap/more")) == KEY.length);
        int[] lengths = new int[1];
        assertBounded("getMany", () -> {
            reader.getMany(new byte[][] {KEY}, 1, new byte[][] {target}, lengths);
            return lengths[0] == VALUE.length;
        });
    }

    @Test
    void scansComeToAnEnd() {
        assertBounded("a cursor", () -> {
            Scan scan = Scan.prefix(KEY).limit(1);
            try (Cursor cursor = TreeAccess.cursor(rig.core, rig.tree, null, scan)) {
                return cursor.next() && cursor.value().length == VALUE.length;
            }
        });
        assertBounded("a visit", () -> reader.visit(Scan.prefix(KEY).limit(1), (k, o, b, v, p, l) -> true) == 1);
    }

    /** A get that latches, to a segment that is closed: no latch stays held, else all others would wait for ever. */
    @Test
    void aReaderThatFailsKeepsNoLatch() {
        MemorySegment closed;
        try (Arena arena = Arena.ofShared()) {
            closed = arena.allocate(VALUE.length);
        }
        assertBounded("get to a closed segment", () -> {
            assertThatThrownBy(() -> reader.get(KEY, 0, KEY.length, closed)).isInstanceOf(IllegalStateException.class);
            return true;
        });
    }

    @Test
    void writersComeToAnEnd() {
        assertBounded("put", () -> {
            rig.put(KEY, VALUE);
            return true;
        });
        assertBounded("putIfAbsent", () -> !rig.writer.put(KEY, 0, KEY.length, VALUE, 0, VALUE.length, true));
        assertBounded("compareAndPut", () -> rig.writer.compareAndPut(NEW, 77, VALUE) == TreeView.NO_VERSION);
        assertBounded("delete of what is absent", () -> !rig.delete(NEW));
        assertBounded("deleteIfVersion", () -> !rig.writer.deleteIfVersion(KEY, 77));
        assertBounded("deletePrefix of what is absent", () -> !rig.deletePrefix(NEW));
        assertBounded("putMany", () -> {
            rig.writer.putMany(new byte[][] {KEY}, new byte[][] {VALUE}, 1);
            return true;
        });
        List<BooleanSupplier> removals = new ArrayList<>();
        removals.add(() -> rig.delete(NEW));
        removals.add(() -> rig.writer.getAndDelete(NEW).length == VALUE.length);
        removals.add(() -> rig.deletePrefix(NEW));
        for (BooleanSupplier removal : removals) {
            boolean[] there = new boolean[1];
            assertBounded("put and remove in turn", () -> {
                there[0] = !there[0];
                if (there[0]) {
                    rig.put(NEW, VALUE);
                    return true;
                }
                return removal.getAsBoolean();
            });
        }
    }

    /** A walk that holds latches reads in a frame while one that it holds waits to be freed, and no slot is free. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void toReadAFrameInWaitsForNoLatch() {
        long epoch = rig.snapshots.clock().now();
        long unhooked = rig.buffers.lease("a frame that nothing leads to");
        int blobId = rig.buffers.allocateBlobId();
        ArtFrame.format(unhooked, blobId, 1, epoch, new byte[0], 0);
        rig.buffers.publish(blobId, unhooked);
        disk.evict(child);
        disk.stopAt = 0;
        assertThat(rig.buffers.lock(blobId)).isEqualTo(unhooked);
        rig.core.drop().add(blobId, epoch);
        disk.takeAll();
        try {
            assertThat(rig.get(KEY)).isEqualTo(VALUE);
        } finally {
            while (!disk.slots.isEmpty()) {
                rig.pool.releaseSlot(disk.slots.pop());
            }
            BufferManager.unlock(unhooked);
        }
        rig.core.drop().drain();
        assertThat(rig.buffers.residentAddress(blobId)).isNotPositive();
    }

    /** Two latches can't be waited for in turn: it goes where no other writer is. */
    @Test
    void aRenameGoesWhereNoOtherWriterIs() throws InterruptedException {
        AtomicBoolean entered = new AtomicBoolean();
        Thread other = new Thread(() -> {
            rig.core.gate().exit(rig.core.gate().enter());
            entered.set(true);
        });
        long before = rig.tree.restarts().sum();
        disk.evict(child);
        disk.whenStopped = () -> {
            other.start();
            pause();
            assertThat(entered.get()).as("another writer is in the gate").isFalse();
        };
        disk.stopAt = before + Retry.OPTIMISTIC_ATTEMPTS;
        assertThat(rig.writer.rename(KEY, NEW, false, 0)).isEqualTo(RenameResult.RENAMED);
        other.join();
        assertThat(rig.get(NEW)).isEqualTo(VALUE);
        assertThat(rig.get(KEY)).isNull();
        rig.put(KEY, VALUE);
    }

    /**
     * To divide a frame takes its parent's latch as well, which has another version more often than a division is
     * planned; the longest prefix rests on all frames of the path. A thread sees to it that the root never rests.
     */
    @Test
    void whatRestsOnTwoFramesIsDoneUnderARootThatNeverRests() throws InterruptedException {
        AtomicBoolean stopped = new AtomicBoolean();
        Thread disturber = new Thread(() -> {
            while (!stopped.get()) {
                BufferManager.unlock(rig.buffers.lock(rig.tree.rootBlobId()));
            }
        });
        disk.stopAt = 0;
        disturber.start();
        try {
            for (int i = 0; i < 200; i++) {
                long before = rig.tree.restarts().sum();
                assertThat(reader.longestPrefix(bytes("dir/Ap/more"))).isEqualTo(KEY.length);
                assertThat(rig.tree.restarts().sum() - before).isLessThanOrEqualTo(Retry.OPTIMISTIC_ATTEMPTS);
            }
            long splits = rig.tree.splits().sum();
            for (int puts = 0; rig.tree.splits().sum() < splits + 3; puts++) {
                rig.put(bytes("dir/" + (char) ('A' + puts % 26) + "-" + puts), new byte[24_000]);
            }
        } finally {
            stopped.set(true);
            disturber.join();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
