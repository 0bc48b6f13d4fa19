package io.holt.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CorruptDataException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The record of changes of a frame, and the digests that tell them. */
class ChangesRecordTest {

    private static void format(long frame, int innerEnd, int leafStart) {
        format(frame, FrameHeader.KIND_TREE, innerEnd, leafStart);
    }

    /** Of a value's frame any bytes make sense; those of a tree's are walked over, for the bounds of its keys. */
    private static void format(long frame, int kind, int innerEnd, int leafStart) {
        FrameHeader.format(frame, kind, 7, 3, 0x1122);
        FrameHeader.innerEnd(frame, innerEnd);
        FrameHeader.leafStart(frame, leafStart);
        FrameImage.seal(frame);
    }

    @Test
    void goldenBytes() {
        try (OffHeap heap = new OffHeap(FrameHeader.FRAME_BYTES)) {
            long frame = heap.address();
            format(frame, 9000, 500_000);
            BitSet blocks = new BitSet();
            blocks.set(0, 2);
            blocks.set(9);
            blocks.set(1020, 1024);
            byte[] header = ChangesRecordDescriptor.header(frame, 0x11, blocks);
            assertThat(HexFormat.of().formatHex(header).replaceAll("(.{16})", "$1\n"))
                    .isEqualTo("""
                        484c434807000000
                        2211000000000000
                        1100000000000000
                        03007a0000020300
                        0000000001579cfc
                        0000020009000100
                        fc030400\
                        """);
            assertThat(ChangesRecordDescriptor.bytes(blocks)).isEqualTo(header.length + 7 * 512);
        }
    }

    @Test
    void exactlyTheBlocksThatDifferAreChanged() {
        Random random = new Random(11);
        try (OffHeap heap = new OffHeap(FrameHeader.FRAME_BYTES)) {
            long frame = heap.address();
            format(frame, FrameHeader.KIND_VALUE, 100_000, 200_000);
            for (long at = 4096; at < FrameHeader.FRAME_BYTES; at += 8) {
                Memory.putLong(frame + at, random.nextLong());
            }
            BlockDigests before = BlockDigests.of(frame);
            assertThat(before.changedSince(before).isEmpty()).isTrue();
            BitSet expected = new BitSet();
            for (int i = 0; i < 300; i++) {
                int at = 4096 + random.nextInt(FrameHeader.FRAME_BYTES - 4096);
                boolean used = at < 102_400 || at >= 196_608;
                Memory.putByte(frame + at, Memory.getByte(frame + at) ^ (1 << random.nextInt(8)));
                if (used) {
                    expected.set(at / 512);
                }
            }
            assertThat(BlockDigests.of(frame).changedSince(before)).isEqualTo(expected);
        }
    }

    @Test
    void aFrameThatIsNotTheOneItsChangesSayIsReported() throws IOException {
        try (OffHeap heap = new OffHeap(2L * FrameHeader.FRAME_BYTES)) {
            long frame = heap.address();
            long other = heap.address(FrameHeader.FRAME_BYTES);
            BitSet blocks = new BitSet();
            blocks.set(0, BlockDigests.BLOCKS_PER_PAGE);
            format(frame, 9000, 500_000);
            byte[] header = ChangesRecordDescriptor.header(frame, 0x1122, blocks);
            // Each is sound in itself: the header of one change, the first page of another.
            for (int difference = 0; difference < 4; difference++) {
                FrameHeader.format(other, FrameHeader.KIND_TREE, 7, 3, difference == 1 ? 0x1123 : 0x1122);
                FrameHeader.innerEnd(other, difference == 2 ? 13_000 : 9000);
                FrameHeader.leafStart(other, difference == 3 ? 490_000 : 500_000);
                FrameImage.seal(other);
                format(frame, 9000, 500_000);
                ChangesReceiver receiver = new ChangesReceiver();
                byte[] page = heap.get(FrameHeader.FRAME_BYTES, FrameHeader.PAGE_BYTES);
                receiver.apply(
                        new SequenceInputStream(new ByteArrayInputStream(header), new ByteArrayInputStream(page)),
                        7,
                        frame,
                        FrameHeader.PAGES);
                FrameImage.verifyHeader(frame, 7, "test", 0);
                if (difference == 0) {
                    receiver.checkAgrees(7, frame);
                } else {
                    assertThatThrownBy(() -> receiver.checkAgrees(7, frame))
                            .isInstanceOf(CorruptDataException.class)
                            .hasMessageContaining("blob 7");
                }
            }
        }
    }

    @Test
    void pagesThatComeIntoUseAreChangedWhateverTheyHold() {
        try (OffHeap heap = new OffHeap(FrameHeader.FRAME_BYTES)) {
            long frame = heap.address();
            format(frame, FrameHeader.KIND_VALUE, 8192, 500_000);
            BlockDigests before = BlockDigests.of(frame);
            FrameHeader.innerEnd(frame, 12_289);
            BitSet changed = BlockDigests.of(frame).changedSince(before);
            assertThat(changed.get(0)).isTrue();
            changed.clear(0);
            BitSet pages = new BitSet();
            pages.set(16, 32);
            assertThat(changed).isEqualTo(pages);
        }
    }

    @Test
    void sealingWithWhatIsKnownIsSealing() {
        Random random = new Random(12);
        try (OffHeap heap = new OffHeap(2L * FrameHeader.FRAME_BYTES)) {
            long frame = heap.address();
            long other = heap.address(FrameHeader.FRAME_BYTES);
            BlockDigests before = null;
            for (int round = 0; round < 20; round++) {
                int innerEnd = 8192 + random.nextInt(100_000);
                FrameHeader.format(frame, FrameHeader.KIND_VALUE, 7, 3, round);
                FrameHeader.innerEnd(frame, innerEnd);
                FrameHeader.leafStart(frame, innerEnd + random.nextInt(50_000));
                for (int i = 0; i < 50; i++) {
                    Memory.putLong(frame + 4096 + random.nextInt(FrameHeader.FRAME_BYTES - 4104), random.nextLong());
                }
                Memory.copy(frame, other, FrameHeader.FRAME_BYTES);
                FrameImage.trim(frame);
                before = BlockDigests.seal(frame, before);
                FrameImage.seal(other);
                assertThat(heap.get(0, FrameHeader.FRAME_BYTES))
                        .isEqualTo(heap.get(FrameHeader.FRAME_BYTES, FrameHeader.FRAME_BYTES));
                FrameImage.verify(frame, 7, "test", 0);
                assertThat(BlockDigests.of(other).changedSince(before).isEmpty())
                        .isTrue();
            }
        }
    }
}
