package io.holt.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holt.api.CorruptDataException;
import io.holt.api.IoEngineKind;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.testkit.OffHeap;
import io.holt.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames at places against a map on the heap. */
class FileBlobStoreTest {

    private static final int BATCH_FRAMES = 8;

    @TempDir
    Path directory;

    /** Blob {@code i + 1} at the i-th of these places. */
    private static ManifestState manifestOf(int... places) {
        ManifestEdit edit = new ManifestEdit().nextBlobId(places.length + 1);
        for (int i = 0; i < places.length; i++) {
            edit.place(i + 1, places[i]);
        }
        ManifestState state = new ManifestState(new UUID(1, 2));
        state.apply(edit);
        return state;
    }

    private static byte[] randomFrame(Random random) {
        byte[] frame = new byte[BlobStore.FRAME_BYTES];
        random.nextBytes(frame);
        return frame;
    }

    /** Used pages of both must be the same; what lies between says nothing. */
    private static void assertUsedPagesEqual(byte[] actual, byte[] written, int innerEndPage, int leafStartPage) {
        int innerEnd = innerEndPage * BlobStore.PAGE_BYTES;
        int leafStart = leafStartPage * BlobStore.PAGE_BYTES;
        assertThat(Arrays.equals(actual, 0, innerEnd, written, 0, innerEnd)).isTrue();
        assertThat(Arrays.equals(actual, leafStart, actual.length, written, leafStart, written.length))
                .isTrue();
    }

    private record Written(int seed, int innerEndPage, int leafStartPage) {}

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "PREAD", "CHANNEL"})
    void readsWhatWasWrittenAtEveryPlace(IoEngineKind kind) {
        Map<Integer, Written> model = new HashMap<>();
        Random random = new Random(7);
        StoreFiles files = new StoreFiles(directory);
        BlobBatch batch = new BlobBatch(BATCH_FRAMES);
        try (IoEngine engine = IoEngines.open(kind);
                OffHeap memory = new OffHeap((long) BATCH_FRAMES * BlobStore.FRAME_BYTES)) {
            FileBlobStore store = FileBlobStore.open(engine, files, manifestOf());
            for (int round = 0; round < 12; round++) {
                writeSome(store, batch, memory, random, model);
                if (random.nextInt(3) == 0) {
                    int gone = new ArrayList<>(model.keySet()).get(random.nextInt(model.size()));
                    store.free(gone);
                    model.remove(gone);
                }
                store.reclaimFree(random.nextInt(4), random.nextInt(3));
                readAll(store, batch, memory, model);
                if (random.nextInt(5) == 0) {
                    store.sync();
                    store.close();
                    int[] places =
                            model.keySet().stream().mapToInt(Integer::intValue).toArray();
                    store = FileBlobStore.open(engine, files, manifestOf(places));
                }
                assertThat(store.placesInUse()).isEqualTo(model.size());
            }
            store.close();
        }
    }

    private static void writeSome(
            FileBlobStore store, BlobBatch batch, OffHeap memory, Random random, Map<Integer, Written> model) {
        batch.clear();
        int frames = 1 + random.nextInt(BATCH_FRAMES);
        long bytes = 0;
        for (int i = 0; i < frames; i++) {
            int inner = 1 + random.nextInt(BlobStore.FRAME_PAGES);
            int leaf = inner + random.nextInt(BlobStore.FRAME_PAGES - inner + 1);
            Written written = new Written(random.nextInt(), inner, leaf);
            int place = store.allocate();
            long address = memory.address((long) i * BlobStore.FRAME_BYTES);
            memory.put((long) i * BlobStore.FRAME_BYTES, randomFrame(new Random(written.seed)));
            batch.addWrite(place, address, inner, leaf);
            assertThat(model.put(place, written)).isNull();
            bytes += (long) (inner + BlobStore.FRAME_PAGES - leaf) * BlobStore.PAGE_BYTES;
        }
        assertThat(batch.frames()).isEqualTo(frames);
        assertThat(batch.isFull()).isEqualTo(frames == BATCH_FRAMES);
        assertThat(batch.bytes()).isEqualTo(bytes);
        store.submit(batch);
    }

    private static void readAll(FileBlobStore store, BlobBatch batch, OffHeap memory, Map<Integer, Written> model) {
        List<Map.Entry<Integer, Written>> all = new ArrayList<>(model.entrySet());
        for (int from = 0; from < all.size(); from += BATCH_FRAMES) {
            List<Map.Entry<Integer, Written>> some = all.subList(from, Math.min(from + BATCH_FRAMES, all.size()));
            batch.clear();
            for (int i = 0; i < some.size(); i++) {
                long address = memory.address((long) i * BlobStore.FRAME_BYTES);
                if (i % 3 == 0) {
                    store.read(some.get(i).getKey(), address);
                } else {
                    batch.addRead(some.get(i).getKey(), address);
                }
            }
            store.submit(batch);
            for (int i = 0; i < some.size(); i++) {
                Written written = some.get(i).getValue();
                byte[] found = memory.get((long) i * BlobStore.FRAME_BYTES, BlobStore.FRAME_BYTES);
                byte[] expected = randomFrame(new Random(written.seed));
                assertUsedPagesEqual(found, expected, written.innerEndPage, written.leafStartPage);
            }
        }
    }

    @Test
    void pagesBetweenTakeNoDiskSpaceAndFreedPlacesGiveItBack() {
        StoreFiles files = new StoreFiles(directory);
        BlobBatch batch = new BlobBatch(1);
        try (IoEngine engine = IoEngines.open(IoEngineKind.AUTO);
                OffHeap memory = new OffHeap(BlobStore.FRAME_BYTES);
                FileBlobStore store = FileBlobStore.open(engine, files, manifestOf())) {
            assumeTrue(!engine.name().equals("channel"));
            for (int place = 0; place < 12; place++) {
                assertThat(store.allocate()).isEqualTo(place);
                batch.clear();
                batch.addWrite(place, memory.address(), 2, 122);
                store.submit(batch);
            }
            store.sync();
            assertPages(store, 12 * 8);
            batch.clear();
            batch.addWrite(3, memory.address(), 64, 64);
            store.submit(batch);
            assertPages(store, (11 * 8 + 128));
            assertThat(store.punchGap(3, 4, 124)).isTrue();
            assertThat(store.punchGap(3, 4, 4)).isTrue();
            assertPages(store, 12 * 8);
            for (int place : new int[] {1, 2, 5, 10, 11}) {
                store.free(place);
            }
            assertThat(store.reclaimFree(5, 9)).isZero();
            // One place at the end is cut off, then another, then a run of one, of two less one that is kept, of one.
            assertThat(store.reclaimFree(4, 9)).isEqualTo(BlobStore.FRAME_BYTES);
            assertThat(store.reclaimFree(3, 9)).isEqualTo(BlobStore.FRAME_BYTES);
            assertPages(store, 10 * 8);
            assertThat(store.reclaimFree(1, 1)).isEqualTo(BlobStore.FRAME_BYTES);
            assertPages(store, 9 * 8);
            assertThat(store.reclaimFree(0, 1)).isEqualTo(BlobStore.FRAME_BYTES);
            assertThat(store.reclaimFree(0, 9)).isEqualTo(BlobStore.FRAME_BYTES);
            assertThat(store.reclaimFree(0, 9)).isZero();
            assertPages(store, 7 * 8);
            assertThat(files.data().toFile().length()).isEqualTo(10L * BlobStore.FRAME_BYTES);
        }
    }

    /** The file system may take some blocks for itself. */
    private static void assertPages(FileBlobStore store, int pages) {
        assertThat(store.fileBytes() / BlobStore.PAGE_BYTES).isBetween((long) pages, pages + 3L);
    }

    @Test
    void theLowestFreePlaceIsTakenFirstAlsoAfterReopening() {
        SimulatedDisk disk = new SimulatedDisk();
        StoreFiles files = new StoreFiles(Path.of("/store"));
        disk.put(files.data(), new byte[7 * BlobStore.FRAME_BYTES]);
        try (FileBlobStore store = FileBlobStore.open(disk.engine(), files, manifestOf(3, 0, 6))) {
            assertThat(List.of(store.allocate(), store.allocate(), store.allocate(), store.allocate()))
                    .containsExactly(1, 2, 4, 5);
            store.free(2);
            store.free(0);
            assertThat(List.of(store.allocate(), store.allocate(), store.allocate()))
                    .containsExactly(0, 2, 7);
            assertThat(store.placesInUse()).isEqualTo(8);
        }
    }

    @Test
    void aLiveOrFreePlaceIsNeverWritten() {
        SimulatedDisk disk = new SimulatedDisk();
        StoreFiles files = new StoreFiles(Path.of("/store"));
        byte[] content = new byte[2 * BlobStore.FRAME_BYTES];
        disk.put(files.data(), content);
        BlobBatch batch = new BlobBatch(2);
        try (FileBlobStore store = FileBlobStore.open(disk.engine(), files, manifestOf(0));
                OffHeap memory = new OffHeap(BlobStore.FRAME_BYTES)) {
            memory.put(0, randomFrame(new Random(1)));
            int fresh = store.allocate();
            for (int forbidden : new int[] {0, 5}) {
                batch.clear();
                batch.addWrite(fresh, memory.address(), 1, 128);
                batch.addWrite(forbidden, memory.address(), 1, 128);
                assertThatThrownBy(() -> store.submit(batch))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("place " + forbidden);
            }
            assertThat(disk.content(files.data())).startsWith(content);
            batch.clear();
            batch.addWrite(fresh, memory.address(), 1, 128);
            store.submit(batch);
            store.submit(batch);
            store.markLive(fresh);
            assertThatThrownBy(() -> store.submit(batch)).isInstanceOf(IllegalStateException.class);
            store.free(0);
            assertThatThrownBy(() -> store.free(0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> store.markLive(0)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void impossibleFramesAreRefused() {
        BlobBatch batch = new BlobBatch(1);
        int[][] impossible = {{0, 128}, {5, 4}, {1, 129}, {-1, 3}};
        for (int[] pages : impossible) {
            assertThatThrownBy(() -> batch.addWrite(0, 4096, pages[0], pages[1]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        batch.addRead(0, 4096);
        assertThatThrownBy(() -> batch.addRead(1, 4096)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aMissingOrShortDataFileIsDamage() {
        SimulatedDisk disk = new SimulatedDisk();
        StoreFiles files = new StoreFiles(Path.of("/store"));
        assertThatThrownBy(() -> FileBlobStore.open(disk.engine(), files, manifestOf(0)))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("missing");
        disk.put(files.data(), new byte[3 * BlobStore.FRAME_BYTES]);
        assertThatThrownBy(() -> FileBlobStore.open(disk.engine(), files, manifestOf(1, 3)))
                .isInstanceOfSatisfying(
                        CorruptDataException.class, e -> assertThat(e.offset()).isEqualTo(3L * BlobStore.FRAME_BYTES));
        FileBlobStore.open(disk.engine(), files, manifestOf(1, 2)).close();
        assertThatThrownBy(() -> FileBlobStore.open(disk.engine(), files, manifestOf(1, 2, 1)))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("blob 3 shares place 1");
    }

    @Test
    void pagesAtTheEndThatWereNeverWrittenMayBeMissing() {
        SimulatedDisk disk = new SimulatedDisk();
        StoreFiles files = new StoreFiles(Path.of("/store"));
        byte[] frame = randomFrame(new Random(3));
        disk.put(files.data(), Arrays.copyOf(frame, 3 * BlobStore.PAGE_BYTES));
        try (FileBlobStore store = FileBlobStore.open(disk.engine(), files, manifestOf(0));
                OffHeap memory = new OffHeap(BlobStore.FRAME_BYTES)) {
            store.read(0, memory.address());
            assertUsedPagesEqual(memory.get(0, BlobStore.FRAME_BYTES), frame, 3, BlobStore.FRAME_PAGES);
            store.readPages(0, 1, 2, memory.address());
            assertThat(memory.get(0, 2 * BlobStore.PAGE_BYTES))
                    .isEqualTo(Arrays.copyOfRange(frame, BlobStore.PAGE_BYTES, 3 * BlobStore.PAGE_BYTES));
        }
    }

    @Test
    void threadsNeverGetTheSamePlaceAndDoNotMixUpFrames() throws Exception {
        int threads = 6;
        StoreFiles files = new StoreFiles(directory);
        Set<Integer> held = new HashSet<>();
        try (IoEngine engine = IoEngines.open(IoEngineKind.AUTO);
                FileBlobStore store = FileBlobStore.open(engine, files, manifestOf());
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int seed = t;
                all.add(pool.submit(() -> allocateWriteReadFree(store, new Random(seed), held)));
            }
            for (Future<?> each : all) {
                each.get();
            }
            assertThat(store.placesInUse()).isEqualTo(held.size());
        }
    }

    private static void allocateWriteReadFree(FileBlobStore store, Random random, Set<Integer> held) {
        BlobBatch batch = new BlobBatch(1);
        try (OffHeap memory = new OffHeap(BlobStore.FRAME_BYTES)) {
            for (int i = 0; i < 25; i++) {
                int place = store.allocate();
                synchronized (held) {
                    assertThat(held.add(place)).isTrue();
                }
                byte[] frame = randomFrame(random);
                memory.put(0, frame);
                batch.clear();
                batch.addWrite(place, memory.address(), 8, 120);
                store.submit(batch);
                memory.put(0, new byte[frame.length]);
                store.read(place, memory.address());
                assertUsedPagesEqual(memory.get(0, frame.length), frame, 8, 120);
                if (random.nextInt(3) != 0) {
                    synchronized (held) {
                        held.remove(place);
                    }
                    store.free(place);
                }
                if (random.nextInt(10) == 0) {
                    store.reclaimFree(0, 1);
                }
            }
        }
    }
}
