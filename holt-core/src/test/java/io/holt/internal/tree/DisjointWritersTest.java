package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.RenameResult;
import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.Signal;
import io.holt.internal.sync.HybridLatch;
import io.holt.internal.wal.BatchRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Writers of different frames don't wait for each other. One is held up where it logs, with the latch of its frame:
 * what others write to other frames is done before it goes on, what they write to that frame is not.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DisjointWritersTest {

    private static final int SECONDS = 60;
    private static final byte[] VALUE = {1, 2, 3};

    private final CountDownLatch atTheLog = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final TreeRig rig = new TreeRig(32);
    private final byte[] held = bytes("dir/A0");
    private CompletableFuture<Boolean> holder;
    private int heldBlobId;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Stops whoever puts the record that is to be held up. */
    private final class StoppingLog implements RedoLog {
        @Override
        public long put(int treeId, byte[] key, int offset, int bytes, ValueSource value) {
            if (Arrays.equals(Arrays.copyOfRange(key, offset, offset + bytes), held)) {
                atTheLog.countDown();
                try {
                    assertThat(goOn.await(5L * SECONDS, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return 0;
        }

        @Override
        public long delete(int treeId, byte[] key, int offset, int bytes) {
            return 0;
        }

        @Override
        public long deletePrefix(int treeId, byte[] prefix) {
            return 0;
        }

        @Override
        public long putVersioned(int treeId, byte[] key, int offset, int bytes, ValueSource value, long version) {
            return 0;
        }

        @Override
        public long rename(int treeId, byte[] from, byte[] to, long version) {
            return 0;
        }

        @Override
        public long batch(byte[] ops, int bytes) {
            return 0;
        }

        @Override
        public void await(long lsn) {}
    }

    @BeforeEach
    void holdALatch() throws Exception {
        for (int i = 0; rig.stats().frames() < 8; i++) {
            rig.put(bytes("dir/" + (char) ('A' + i % 26) + i), new byte[9000]);
        }
        rig.delete(held);
        rig.core.logTo(new StoppingLog());
        holder = started(() -> rig.put(held, VALUE));
        assertThat(atTheLog.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        heldBlobId = blobOf("A0");
        assertThat(isLatched(heldBlobId)).isTrue();
    }

    @AfterEach
    void theWriterThatWasHeldUpGoesOn() throws Exception {
        goOn.countDown();
        assertThat(holder.get(SECONDS, TimeUnit.SECONDS)).isTrue();
        rig.audit();
        rig.close();
    }

    private static CompletableFuture<Boolean> started(Runnable work) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                work.run();
                done.complete(true);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static void assertDone(Runnable work) throws Exception {
        assertThat(started(work).get(SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private boolean isLatched(int blobId) {
        return HybridLatch.isHeld(HybridLatch.tryReadVersion(rig.buffers.residentAddress(blobId)));
    }

    private int blobOf(String name) {
        byte[] key = bytes("dir/" + name);
        int blobId = rig.tree.rootBlobId();
        while (true) {
            long signal = ArtLookup.find(rig.buffers.residentAddress(blobId), key, 0, key.length);
            if (Signal.code(signal) != Signal.CROSS) {
                return blobId;
            }
            blobId = Signal.payload(signal);
        }
    }

    /** The first letters whose records are in frames that nobody holds, two of which differ. */
    private String[] freeNames() {
        String first = null;
        for (char letter = 'A'; letter <= 'Z'; letter++) {
            String name = letter + "-new";
            int blobId = blobOf(name);
            if (blobId == heldBlobId || blobId == rig.tree.rootBlobId()) {
                continue;
            }
            if (first == null) {
                first = name;
            } else if (blobOf(first) != blobId) {
                return new String[] {first, name};
            }
        }
        throw new AssertionError("all records are in two frames");
    }

    @Test
    void everyVerbIsDoneInOtherFrames() throws Exception {
        String[] names = freeNames();
        byte[] one = bytes("dir/" + names[0]);
        byte[] other = bytes("dir/" + names[1]);
        assertDone(() -> rig.put(one, VALUE));
        assertDone(() -> assertThat(rig.get(one)).isEqualTo(VALUE));
        assertDone(() -> assertThat(rig.writer.rename(one, other, false, 0)).isEqualTo(RenameResult.RENAMED));
        assertDone(() -> assertThat(rig.delete(other)).isTrue());
        assertDone(() -> {
            long version = rig.writer.putVersioned(one, VALUE);
            assertThat(rig.writer.compareAndPut(one, version, VALUE)).isGreaterThan(version);
            rig.writer.putMany(new byte[][] {one, other}, new byte[][] {null, VALUE}, 2);
        });
        assertDone(() -> {
            BatchRecord batch = new BatchRecord();
            int treeId = rig.tree.treeId();
            batch.add(BatchRecord.PUT, false, treeId, one, 0, one.length, VALUE, 0, VALUE.length);
            batch.add(BatchRecord.DELETE, false, treeId, other, 0, other.length, VALUE, 0, 0);
            new BatchPath(rig.core, Map.of(treeId, rig.tree)).apply(batch, List.of());
        });
        assertDone(() -> assertThat(rig.deletePrefix(one)).isTrue());
        assertThat(rig.get(one)).isNull();
        assertThat(rig.get(other)).isNull();
        assertThat(rig.tree.restarts().sum())
                .as("restarts of writers of other frames")
                .isZero();
        assertThat(isLatched(heldBlobId)).isTrue();
        assertThat(holder.isDone()).isFalse();
        goOn.countDown();
        assertThat(holder.get(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(rig.get(held)).isEqualTo(VALUE);
    }

    @Test
    void aWriterOfTheSameFrameWaits() throws Exception {
        CompletableFuture<Boolean> second = started(() -> rig.put(held, new byte[] {9}));
        Thread.sleep(50);
        assertThat(second.isDone()).isFalse();
        assertThat(isLatched(heldBlobId)).isTrue();
        goOn.countDown();
        assertThat(second.get(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(holder.get(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(rig.get(held)).isEqualTo(new byte[] {9});
    }
}
