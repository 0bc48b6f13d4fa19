package io.holt.internal.art;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P1: every page whose used bytes changed in an epoch says so. Marks are compared with the bytes themselves. */
class PageEpochsTest {

    private static final int OPERATIONS = 6000;
    private static final byte[] NO_PATH = {};

    /** A frame, and what it held when an epoch began. */
    private static final class Watched implements AutoCloseable {
        final OffHeap heap = new OffHeap(FrameHeader.FRAME_BYTES + 256L * 1024);
        final long frame = heap.address();
        private byte[] before;
        private long since;

        Watched() {
            ArtFrame.format(frame, 7, 3, 1, NO_PATH, 0);
            begin(1);
        }

        void begin(long epoch) {
            since = epoch;
            before = heap.get(0, FrameHeader.FRAME_BYTES);
            FrameHeader.advanceEpoch(frame, epoch + 1);
        }

        /** Answers the pages that changed; each of them must be marked, and pages of the gap do not count. */
        BitSet changedPages() {
            BitSet changed = new BitSet();
            byte[] now = heap.get(0, FrameHeader.FRAME_BYTES);
            for (int page = 1; page < FrameHeader.PAGES; page++) {
                int from = page * FrameHeader.PAGE_BYTES;
                int end = from + FrameHeader.PAGE_BYTES;
                if (differ(now, from, Math.min(end, FrameHeader.innerEnd(frame)))
                        || differ(now, Math.max(from, FrameHeader.leafStart(frame)), end)) {
                    changed.set(page);
                    assertThat(PageEpochs.of(frame, page)).as("page %d", page).isEqualTo(since + 1);
                }
            }
            return changed;
        }

        private boolean differ(byte[] now, int from, int end) {
            return from < end && !Arrays.equals(now, from, end, before, from, end);
        }

        int markedPages() {
            int marked = 0;
            for (int page = 1; page < FrameHeader.PAGES; page++) {
                marked += PageEpochs.of(frame, page) > since ? 1 : 0;
            }
            return marked;
        }

        @Override
        public void close() {
            heap.close();
        }
    }

    private static byte[] key(Random random) {
        // Deep and shared paths, keys that are prefixes of others, and dense nodes of every type.
        StringBuilder key = new StringBuilder();
        int parts = 1 + random.nextInt(3);
        for (int part = 0; part < parts; part++) {
            key.append("/a-longer-common-part-", 0, random.nextInt(22));
            key.append((char) random.nextInt(random.nextInt(4) == 0 ? 256 : 8));
        }
        return key.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void put(long frame, byte[] key, Random random) {
        int valueBytes = random.nextInt(8) == 0 ? random.nextInt(6000) : random.nextInt(100);
        int flags = random.nextInt(4) == 0 ? Leaf.VERSIONED : 0;
        long found = ArtLookup.find(frame, key, 0, key.length);
        long signal = ArtInsert.upsert(frame, found, key, 0, key.length, flags, valueBytes);
        if (Signal.code(signal) == Signal.INSERTED || Signal.code(signal) == Signal.REPLACED) {
            long leaf = Nodes.address(frame, Signal.payload(signal));
            long header = Memory.getLong(leaf);
            byte[] tail = new byte[Leaf.tailBytes(Leaf.flags(header), Leaf.valueBytes(header))];
            random.nextBytes(tail);
            Memory.copyFromArray(tail, 0, Leaf.tail(leaf, header), tail.length);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyPageThatChangedIsMarked(long seed) {
        Random random = new Random(seed);
        List<byte[]> keys = new ArrayList<>();
        int changed = 0;
        int marked = 0;
        try (Watched watched = new Watched()) {
            long epoch = 1;
            int perEpoch = 1;
            for (int i = 0; i < OPERATIONS; i++) {
                boolean removes = !keys.isEmpty() && random.nextInt(1000) < (i / 1500 % 2 == 0 ? 300 : 700);
                if (removes) {
                    byte[] key = keys.remove(random.nextInt(keys.size()));
                    ArtErase.erase(watched.frame, key, 0, key.length, true);
                } else {
                    byte[] key = random.nextInt(3) == 0 && !keys.isEmpty()
                            ? keys.get(random.nextInt(keys.size()))
                            : key(random);
                    keys.add(key);
                    put(watched.frame, key, random);
                }
                if (i % perEpoch == 0) {
                    changed += watched.changedPages().cardinality();
                    marked += watched.markedPages();
                    epoch++;
                    perEpoch = 1 + random.nextInt(3);
                    watched.begin(epoch);
                }
            }
        }
        // A mark too many is no error, but most say the truth.
        assertThat(marked).isLessThan(2 * changed);
    }

    @Test
    void edgesOfCrossingsAreMarked() {
        try (Watched watched = new Watched()) {
            long frame = watched.frame;
            byte[] key = {50};
            long signal = ArtInsert.put(frame, key, 0, 1, 0, 10, ArtInsert.UPSERT);
            // On a page of its own, not that of the node whose edge is added.
            FrameAllocator.allocateInner(frame, 3 * FrameHeader.PAGE_BYTES / FrameHeader.UNIT_BYTES);
            int crossing = FrameAllocator.allocateInner(frame, 1);
            Memory.putLong(Nodes.address(frame, crossing), Crossing.header(1, 9));
            Links.link(frame, Nodes.address(frame, FrameHeader.rootUnit(frame)), 50, crossing);
            FrameAllocator.freeLeaf(frame, Signal.payload(signal), Leaf.units(0, 1, 10));
            FrameHeader.addRecords(frame, -1);
            FrameHeader.addCrossings(frame, 1);
            watched.begin(2);
            assertThat(Signal.code(ArtInsert.put(frame, new byte[] {51}, 0, 1, 0, 10, ArtInsert.UPSERT)))
                    .isEqualTo(Signal.CROSS);
            assertThat(watched.changedPages().cardinality()).isEqualTo(2);
        }
    }

    @Test
    void epochsOfPagesAreNeverTooOldHoweverManyGoBy() {
        try (OffHeap heap = new OffHeap(FrameHeader.FRAME_BYTES)) {
            long frame = heap.address();
            long first = 0x1_2345_FFF0L;
            FrameHeader.format(frame, FrameHeader.KIND_TREE, 1, 1, first);
            assertThat(PageEpochs.of(frame, 5)).isEqualTo(first);
            FrameHeader.advanceEpoch(frame, first + 40);
            PageEpochs.mark(frame, frame + 5L * FrameHeader.PAGE_BYTES + 4000, 200);
            for (long later : new long[] {40, 41, 0xFFFF, 0x1_0000, 0x1_0028, 0x7_1234_5678L}) {
                FrameHeader.advanceEpoch(frame, first + later);
                for (int page = 1; page < FrameHeader.PAGES; page++) {
                    boolean marked = page == 5 || page == 6;
                    assertThat(PageEpochs.of(frame, page))
                            .as("page %d after %d epochs", page, later)
                            .isBetween(first + (marked ? 40 : 0), first + later);
                }
            }
            FrameHeader.advanceEpoch(frame, first + 41);
            assertThat(PageEpochs.of(frame, 5)).isEqualTo(first + 40);
            assertThat(PageEpochs.of(frame, 6)).isEqualTo(first + 40);
            assertThat(PageEpochs.of(frame, 7)).isBetween(first, first + 41);
        }
    }
}
