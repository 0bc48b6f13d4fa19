package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * I2 over two frames: a reader is held up at a child's latch, which it comes to after it looked at the parent. When it
 * goes on, the record has moved to another child, and the parent names that one.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeldUpReaderTest {

    private static final byte[] KEY = "dir/Ap".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VALUE = {1, 2, 3};

    private interface Reading {
        int valueBytes(TreeReader reader, byte[] target);
    }

    @Test
    void ofManyKeysOneIsFoundWhereItMovedTo() throws Exception {
        assertMovedRecordIsFound((reader, target) -> {
            int[] lengths = new int[1];
            reader.getMany(new byte[][] {KEY}, 1, new byte[][] {target}, lengths);
            return lengths[0];
        });
    }

    @Test
    void ofManyPrefixesOneIsFoundWhereItMovedTo() throws Exception {
        assertMovedRecordIsFound((reader, target) -> {
            int[] bytes = new int[1];
            reader.visitMany(
                    new byte[][] {KEY},
                    1,
                    2,
                    (keys, keyOffset, keyBytes, values, valueOffset, valueBytes) -> {
                        System.arraycopy(values, valueOffset, target, 0, valueBytes);
                        bytes[0] += valueBytes;
                        return true;
                    },
                    new int[1]);
            return bytes[0];
        });
    }

    @Test
    void aKeyIsFoundWhereItMovedTo() throws Exception {
        assertMovedRecordIsFound((reader, target) -> reader.get(KEY, 0, KEY.length, target, 0));
    }

    private static void assertMovedRecordIsFound(Reading reading) throws Exception {
        try (TreeRig rig = new TreeRig(16)) {
            rig.put(KEY, VALUE);
            for (int i = 0; rig.stats().frames() < 3; i++) {
                rig.put(("dir/" + (char) ('A' + i % 26) + i).getBytes(StandardCharsets.US_ASCII), new byte[24_000]);
            }
            long parent = rig.buffers.residentAddress(rig.tree.rootBlobId());
            long found = ArtLookup.find(parent, KEY, 0, KEY.length);
            assertThat(Signal.code(found)).isEqualTo(Signal.CROSS);
            int blobId = Signal.payload(found);
            long child = rig.buffers.residentAddress(blobId);
            long version = HybridLatch.lock(child);

            byte[] target = new byte[VALUE.length];
            AtomicReference<Object> answer = new AtomicReference<>();
            Thread thread = new Thread(() -> {
                try {
                    answer.set(reading.valueBytes(TreeAccess.reader(rig.core, rig.tree, null), target));
                } catch (RuntimeException | Error e) {
                    answer.set(e);
                }
            });
            thread.start();
            while (!waitsForALatch(thread)) {
                assertThat(answer.get()).as("answer while the child is latched").isNull();
                Thread.onSpinWait();
            }
            moveToAnotherChild(rig, parent, blobId, child);
            HybridLatch.unlock(child, version);
            thread.join();

            assertThat(answer.get()).isEqualTo(VALUE.length);
            assertThat(target).isEqualTo(VALUE);
        }
    }

    private static boolean waitsForALatch(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(call -> call.getClassName().equals(ReadView.class.getName())
                        && call.getMethodName().equals("version"));
    }

    /** All of a child, whose latch is held, goes to a new one that the parent then names; the old one loses KEY. */
    private static void moveToAnotherChild(TreeRig rig, long parent, int blobId, long child) {
        long other = rig.buffers.lease("a second child");
        int otherBlobId = rig.buffers.allocateBlobId();
        FrameHeader.copyUsed(child, other);
        rig.buffers.publish(otherBlobId, other);
        long version = HybridLatch.lock(parent);
        int crossings = 0;
        for (long at = parent + FrameHeader.PAGE_BYTES; at < parent + FrameHeader.innerEnd(parent); at += 8) {
            long header = Memory.getLong(at);
            if (header == Crossing.header(Crossing.edges(header), blobId)) {
                Memory.putLong(at, Crossing.header(Crossing.edges(header), otherBlobId));
                crossings++;
            }
        }
        assertThat(crossings).isEqualTo(1);
        HybridLatch.unlock(parent, version);
        ArtErase.erase(child, KEY, 0, KEY.length, false);
    }
}
