package io.holt;

import static io.holt.ImageFixtures.bytes;
import static io.holt.ImageFixtures.churn;
import static io.holt.ImageFixtures.fill;
import static io.holt.ImageFixtures.framesOf;
import static io.holt.ImageFixtures.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.ImageFixtures.Kept;
import io.holt.api.CheckpointImage;
import io.holt.api.CorruptDataException;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.ImageInstaller;
import io.holt.api.MemoryBudget;
import io.holt.api.MemoryBudgetException;
import io.holt.api.Snapshot;
import io.holt.api.StoreFormatException;
import io.holt.testkit.Contents;
import io.holt.testkit.NoLeakedFrames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of snapshots: what is put together from frames, all or the changed ones, is what the snapshot saw. */
@ExtendWith(NoLeakedFrames.class)
class CheckpointImageTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(96L << 20).build();

    @TempDir
    private Path temp;

    @Test
    void aStreamHoldsTheSnapshotWhileWritersGoOn() throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            fill(db, 20_000, new Random(1));
            AtomicBoolean stop = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> churn(db, stop));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Contents expected;
            try (Snapshot snapshot = db.snapshot()) {
                long bytes = snapshot.exportTo(out);
                assertThat(bytes).isEqualTo(out.size());
                expected = Contents.of(snapshot);
            } finally {
                stop.set(true);
                writer.join();
            }
            try (HoltDb restored = Holt.restoreInMemory(new ByteArrayInputStream(out.toByteArray()), OPTIONS)) {
                expected.assertSame(restored);
                restored.tree("a").put(bytes("another"), bytes("one"));
                assertThat(restored.tree("a").get(bytes("another"))).isEqualTo(bytes("one"));
            }
            Path directory = temp.resolve("restored");
            try (HoltDb restored = Holt.restore(new ByteArrayInputStream(out.toByteArray()), directory, OPTIONS)) {
                expected.assertSame(restored);
            }
            try (HoltDb reopened = Holt.open(directory, OPTIONS)) {
                expected.assertSame(reopened);
            }
        }
    }

    @Test
    void aDirectoryHoldsTheSnapshotWhileWritersGoOn() throws Exception {
        Path directory = temp.resolve("exported");
        Contents expected;
        try (HoltDb db = Holt.open(temp.resolve("original"), OPTIONS)) {
            fill(db, 20_000, new Random(2));
            db.checkpoint();
            AtomicBoolean stop = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> churn(db, stop));
            try (Snapshot snapshot = db.snapshot()) {
                assertThat(snapshot.exportTo(directory)).isPositive();
                expected = Contents.of(snapshot);
            } finally {
                stop.set(true);
                writer.join();
            }
        }
        try (HoltDb exported = Holt.open(directory, OPTIONS)) {
            expected.assertSame(exported);
            exported.tree("a").deletePrefix(new byte[0]);
            exported.checkpoint();
        }
        try (HoltDb exported = Holt.open(directory, OPTIONS)) {
            assertThat(exported.tree("a").isPrefixEmpty(new byte[0])).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void framesChangedSinceMakeEveryLaterImage(long seed) throws Exception {
        Random random = new Random(seed);
        List<Kept> all = new ArrayList<>();
        Map<Integer, Kept> newest = new HashMap<>();
        HoltDb db = Holt.inMemory(OPTIONS);
        try {
            long since = 0;
            for (int round = 0; round < 7; round++) {
                fill(db, round == 0 ? 8_000 : random.nextInt(400), random);
                byte[] catalog;
                Contents expected;
                int changed = 0;
                try (Snapshot snapshot = db.snapshot()) {
                    CheckpointImage image = snapshot.image(since);
                    int blobs = image.blobIds().cardinality();
                    for (Kept kept : framesOf(image)) {
                        assertThat(kept.epoch).isGreaterThan(since);
                        all.add(kept);
                        newest.put(kept.blobId, kept);
                        changed++;
                    }
                    BitSet ids = image.blobIds();
                    newest.keySet().removeIf(id -> !ids.get(id));
                    catalog = image.catalog();
                    expected = Contents.of(snapshot);
                    since = snapshot.epoch();
                    assertThat(changed).isLessThanOrEqualTo(blobs);
                }
                Collections.shuffle(all, random);
                install(catalog, all.stream().map(frame -> frame.bytes).toList(), null, expected);
                install(
                        catalog,
                        newest.values().stream().map(frame -> frame.bytes).toList(),
                        temp.resolve("r" + round),
                        expected);
                if (round == 3) {
                    // A database that was installed goes on where the image was taken.
                    db.close();
                    db = installed(
                            catalog,
                            newest.values().stream().map(frame -> frame.bytes).toList());
                }
            }
        } finally {
            db.close();
        }
    }

    @Test
    void framesThatDidNotChangeAreLeftOut() throws Exception {
        try (HoltDb db = Holt.open(temp, OPTIONS)) {
            fill(db, 20_000, new Random(3));
            db.checkpoint();
            try (Snapshot first = db.snapshot()) {
                assertThat(framesOf(first.image(0))).hasSizeGreaterThan(6);
                db.tree("a").put(bytes("dir-1/file-1"), bytes("changed"));
                try (Snapshot second = db.snapshot()) {
                    assertThat(framesOf(second.image(first.epoch()))).hasSize(1);
                    CheckpointImage nothing = second.image(second.epoch());
                    assertThat(framesOf(nothing)).isEmpty();
                    BitSet also = new BitSet();
                    also.set(2);
                    also.set(1_000_000);
                    try (CheckpointImage.FrameCursor asked = nothing.frames(also)) {
                        assertThat(asked.next()).isTrue();
                        assertThat(asked.blobId()).isEqualTo(2);
                        assertThat(asked.next()).isFalse();
                    }
                }
                assertThat(framesOf(first.image(first.epoch()))).isEmpty();
            }
        }
        try (HoltDb reopened = Holt.open(temp, OPTIONS);
                Snapshot third = reopened.snapshot()) {
            assertThat(framesOf(third.image(third.epoch() - 1))).isEmpty();
        }
    }

    @Test
    void whatIsUnhookedWhileItIsExportedDoesNoHarm() throws Exception {
        for (int round = 0; round < 60; round++) {
            try (HoltDb db = Holt.inMemory(OPTIONS)) {
                fill(db, 4_000, new Random(round));
                db.tree("a").deletePrefix(bytes("dir-"));
                db.dropTree("b");
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                Contents expected;
                try (Snapshot snapshot = db.snapshot()) {
                    snapshot.exportTo(out);
                    expected = Contents.of(snapshot);
                }
                try (HoltDb restored = Holt.restoreInMemory(new ByteArrayInputStream(out.toByteArray()), OPTIONS)) {
                    expected.assertSame(restored);
                    assertThat(restored.stats().frames())
                            .isEqualTo(restored.stats().residentFrames());
                }
            }
        }
    }

    @Test
    void framesOfUnwantedKeysAreLeftOut() throws Exception {
        Map<Integer, byte[]> frames = new HashMap<>();
        BitSet unwanted = new BitSet();
        byte[] catalog;
        Contents expected;
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("groups");
            for (int i = 0; i < 40_000; i++) {
                tree.put(groupKey(i % 16, i), bytes("value of some length, number " + i));
            }
            try (Snapshot snapshot = db.snapshot()) {
                CheckpointImage image = snapshot.image(0);
                catalog = image.catalog();
                try (CheckpointImage.FrameCursor cursor = image.frames()) {
                    while (cursor.next()) {
                        assertThat(cursor.treeName()).isEqualTo("groups");
                        frames.put(cursor.blobId(), written(cursor));
                        byte[] lowest = cursor.lowestPrefix();
                        byte[] highest = cursor.highestPrefix();
                        assertThat(Arrays.compareUnsigned(lowest, highest)).isNotPositive();
                        unwanted.set(cursor.blobId(), lowest.length >= 2 && lowest[1] >= 8);
                    }
                }
                expected = Contents.of(snapshot);
            }
        }
        assertThat(unwanted.cardinality()).isPositive();
        expected.tree("groups").tailMap(new byte[] {0, 8}, true).clear();
        try (ImageInstaller installer = Holt.installer(catalog, OPTIONS)) {
            for (Map.Entry<Integer, byte[]> frame : frames.entrySet()) {
                ByteArrayInputStream in = new ByteArrayInputStream(frame.getValue());
                if (unwanted.get(frame.getKey())) {
                    installer.addEmptied(in);
                } else {
                    installer.addFrame(in);
                }
                assertThat(in.available()).isZero();
            }
            try (HoltDb restored = installer.finish()) {
                for (int group = 8; group < 16; group++) {
                    restored.tree("groups").deletePrefix(new byte[] {0, (byte) group});
                }
                expected.assertSame(restored);
            }
        }
    }

    private static BitSet blobsOf(CheckpointImage image, List<Kept> frames) throws IOException {
        try (ImageInstaller installer = Holt.installer(image.catalog(), OPTIONS)) {
            for (Kept frame : frames) {
                installer.addFrame(new ByteArrayInputStream(frame.bytes));
            }
            try (HoltDb restored = installer.finish();
                    Snapshot snapshot = restored.snapshot()) {
                return snapshot.image(0).blobIds();
            }
        }
    }

    @Test
    void aMissingFrameIsReported() throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            fill(db, 8_000, new Random(4));
            try (Snapshot snapshot = db.snapshot()) {
                CheckpointImage image = snapshot.image(0);
                List<Kept> frames = framesOf(image);
                // Prefixes were deleted: nothing leads to frames that are not freed yet, and they may be missing.
                BitSet needed = blobsOf(image, frames);
                frames.removeIf(frame -> !needed.get(frame.blobId));
                for (int missing = 0; missing < frames.size(); missing++) {
                    try (ImageInstaller installer = Holt.installer(image.catalog(), OPTIONS)) {
                        for (Kept frame : frames) {
                            if (frame != frames.get(missing)) {
                                installer.addFrame(new ByteArrayInputStream(frame.bytes));
                            }
                        }
                        assertThatThrownBy(installer::finish)
                                .isInstanceOf(CorruptDataException.class)
                                .hasMessageContaining("blob " + frames.get(missing).blobId);
                    }
                }
            }
        }
    }

    @Test
    void noSlotIsReportedAndGivesEverythingBack() throws Exception {
        try (MemoryBudget small = Holt.memory(HoltOptions.MIN_MEMORY_BYTES);
                HoltDb db = Holt.inMemory(OPTIONS)) {
            fill(db, 20_000, new Random(5));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (Snapshot snapshot = db.snapshot()) {
                snapshot.exportTo(out);
            }
            HoltOptions options = HoltOptions.builder().memory(small).build();
            assertThatThrownBy(() -> Holt.restoreInMemory(new ByteArrayInputStream(out.toByteArray()), options))
                    .isInstanceOf(MemoryBudgetException.class);
            assertThat(small.usedBytes()).isZero();
        }
    }

    @Test
    void aDirectoryThatHoldsSomethingIsRefused() throws Exception {
        Files.writeString(temp.resolve("notes.txt"), "mine");
        try (HoltDb db = Holt.inMemory(OPTIONS);
                Snapshot snapshot = db.snapshot()) {
            assertThatThrownBy(() -> snapshot.exportTo(temp)).isInstanceOf(StoreFormatException.class);
            byte[] catalog = snapshot.image(0).catalog();
            assertThatThrownBy(() -> Holt.installer(catalog, temp, OPTIONS)).isInstanceOf(StoreFormatException.class);
        }
        try (var files = Files.list(temp)) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).contains("notes.txt");
        }
        assertThat(Files.readString(temp.resolve("notes.txt"))).isEqualTo("mine");
    }

    @Test
    void aClosedSnapshotHasNoFrames() throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            fill(db, 1000, new Random(6));
            Snapshot snapshot = db.snapshot();
            CheckpointImage image = snapshot.image(0);
            try (CheckpointImage.FrameCursor cursor = image.frames()) {
                assertThat(cursor.next()).isTrue();
                snapshot.close();
                assertThatThrownBy(cursor::next).isInstanceOf(HoltClosedException.class);
            }
            assertThatThrownBy(image::frames).isInstanceOf(HoltClosedException.class);
            assertThatThrownBy(image::catalog).isInstanceOf(HoltClosedException.class);
            assertThatThrownBy(() -> snapshot.image(0)).isInstanceOf(HoltClosedException.class);
        }
    }

    private void install(byte[] catalog, List<byte[]> frames, Path directory, Contents expected) throws IOException {
        try (ImageInstaller installer =
                directory == null ? Holt.installer(catalog, OPTIONS) : Holt.installer(catalog, directory, OPTIONS)) {
            ByteArrayOutputStream strung = new ByteArrayOutputStream();
            for (byte[] frame : frames) {
                strung.write(frame);
            }
            installer.addFrames(new ByteArrayInputStream(strung.toByteArray()));
            try (HoltDb db = installer.finish()) {
                expected.assertSame(db);
            }
        }
    }

    private static HoltDb installed(byte[] catalog, List<byte[]> frames) throws IOException {
        try (ImageInstaller installer = Holt.installer(catalog, OPTIONS)) {
            for (byte[] frame : frames) {
                installer.addFrame(new ByteArrayInputStream(frame));
            }
            return installer.finish();
        }
    }

    private static byte[] groupKey(int group, int number) {
        byte[] tail = bytes("/key-" + number);
        byte[] key = new byte[2 + tail.length];
        key[1] = (byte) group;
        System.arraycopy(tail, 0, key, 2, tail.length);
        return key;
    }
}
