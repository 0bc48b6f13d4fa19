package io.holt;

import static io.holt.ArrivalKit.GROUPS;
import static io.holt.ArrivalKit.WANTED_GROUPS;
import static io.holt.ArrivalKit.groupKey;
import static io.holt.ArrivalKit.groups;
import static io.holt.ArrivalKit.kit;
import static io.holt.ArrivalKit.working;
import static io.holt.ImageFixtures.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.holt.ArrivalKit.Told;
import io.holt.FrameChangesTest.Kept;
import io.holt.api.CheckpointImage.FrameCursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.ImageArrival;
import io.holt.api.ImageInstaller;
import io.holt.api.MemoryBudget;
import io.holt.api.Snapshot;
import io.holt.testkit.Contents;
import io.holt.testkit.NoLeakedFrames;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases that are used while the frames of their image arrive: they answer as what the image was taken of. */
@ExtendWith(NoLeakedFrames.class)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ImageArrivalTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(96L << 20).build();

    @TempDir
    private Path temp;

    @ParameterizedTest
    @ValueSource(ints = {8, 20, 200})
    void answersBeforeAnythingIsReadInTurn(int slots) throws Exception {
        ArrivalKit kit = kit(slots);
        Path directory = temp.resolve("db");
        try (MemoryBudget budget = Holt.memory((long) slots << 19)) {
            KeptSource source = kit.source();
            ImageArrival arrival = Holt.arriving(kit.catalog, source, directory, working(budget));
            assertThat(source.opened()).isEmpty();
            try (HoltDb db = arrival.db()) {
                kit.expected.assertSame(db);
                assertThat(arrival.framesMissing()).isLessThan(kit.frames.size());
                change(db, kit.expected, new Random(1), 500);
                kit.expected.assertSame(db);
            }
            assertThat(source.isClosed()).isTrue();
            assertThat(source.openStreams()).isZero();
            try (HoltDb reopened = Holt.open(directory, working(budget))) {
                kit.expected.assertSame(reopened);
            }
            assertThat(Holt.verify(directory, (_, _) -> {}).problems()).isEmpty();
        }
    }

    /** Changes a database and what it should hold. */
    private static void change(HoltDb db, Contents expected, Random random, int changes) {
        HoltTree tree = db.tree("a");
        NavigableMap<byte[], byte[]> model = expected.tree("a");
        for (int i = 0; i < changes; i++) {
            byte[] key = bytes("dir-" + random.nextInt(40) + "/file-" + random.nextInt(3000));
            assertThat(tree.get(key)).isEqualTo(model.get(key));
            int choice = random.nextInt(100);
            if (choice == 0) {
                byte[] prefix = bytes("dir-" + random.nextInt(40) + "/file-" + random.nextInt(30));
                tree.deletePrefix(prefix);
                model.keySet()
                        .removeIf(each -> each.length >= prefix.length
                                && java.util.Arrays.equals(each, 0, prefix.length, prefix, 0, prefix.length));
            } else if (choice < 30) {
                tree.delete(key);
                model.remove(key);
            } else {
                byte[] value = new byte[choice == 31 ? 100_000 : random.nextInt(200)];
                random.nextBytes(value);
                tree.put(key, value);
                model.put(key, value);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 20, 200})
    void worksWhileFramesArrive(int slots) throws Exception {
        for (long seed = 1; seed <= 4; seed++) {
            ArrivalKit kit = kit(100L * slots + seed);
            Path directory = temp.resolve("db" + seed);
            try (MemoryBudget budget = Holt.memory((long) slots << 19)) {
                KeptSource source = kit.source();
                ImageArrival arrival = Holt.arriving(kit.catalog, source, directory, working(budget));
                HoltDb db = arrival.db();
                Told told = new Told();
                arrival.start(told);
                Random random = new Random(seed);
                change(db, kit.expected, random, 50);
                try (Snapshot snapshot = db.snapshot()) {
                    Contents then = Contents.of(db);
                    change(db, kit.expected, random, 200);
                    if (seed % 2 == 0) {
                        db.checkpoint();
                    }
                    arrival.await();
                    assertThat(Contents.of(snapshot).sameAs(then)).isTrue();
                }
                assertThat(told.cause()).isNull();
                assertThat(arrival.framesMissing()).isZero();
                assertThat(source.isClosed()).isTrue();
                assertThat(source.openStreams()).isZero();
                kit.expected.assertSame(db);
                change(db, kit.expected, random, 200);
                db.close();
                try (HoltDb reopened = Holt.open(directory, working(budget))) {
                    kit.expected.assertSame(reopened);
                }
                assertThat(Holt.verify(directory, (_, _) -> {}).problems()).isEmpty();
                assertThat(budget.usedBytes()).isZero();
            }
        }
    }

    @Test
    void aCheckpointBeforeAllArrivedHasAll() throws Exception {
        ArrivalKit kit = kit(5);
        try (MemoryBudget budget = Holt.memory(32L << 20)) {
            ImageArrival arrival = Holt.arriving(kit.catalog, kit.source(), temp.resolve("db"), working(budget));
            change(arrival.db(), kit.expected, new Random(5), 20);
            arrival.db().checkpoint();
            arrival.db().discard();
            try (HoltDb reopened = Holt.open(temp.resolve("db"), working(budget))) {
                kit.expected.assertSame(reopened);
            }
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void onlyWhatTreesLeadToIsLeft() throws Exception {
        ArrivalKit kit = kit(6);
        Map<Integer, Kept> frames = new HashMap<>(kit.frames);
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            ImageArrival arrival = Holt.arriving(kit.catalog, kit.source(), temp.resolve("lazy"), working(budget));
            arrival.start(new Told());
            try (HoltDb lazy = arrival.db();
                    Snapshot during = lazy.snapshot();
                    HoltDb eager = eager(kit, frames, working(budget))) {
                arrival.await();
                assertThat(lazy.stats().frames()).isEqualTo(eager.stats().frames());
                assertThat(during.image(0).blobIds().cardinality())
                        .isEqualTo((int) lazy.stats().frames());
            }
        }
    }

    private HoltDb eager(ArrivalKit kit, Map<Integer, Kept> frames, HoltOptions options) throws Exception {
        try (ImageInstaller installer = Holt.workingInstaller(kit.catalog, temp.resolve("eager"), options)) {
            for (Kept frame : frames.values()) {
                installer.addFrame(FrameChangesTest.pieces(frame.pieces()));
            }
            return installer.finish();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unwantedFramesAreNotRead(boolean clippedBeforeReadingInTurn) throws Exception {
        ArrivalKit kit = groups();
        try (MemoryBudget budget = Holt.memory(40L << 20)) {
            KeptSource source = kit.source().without(kit.unwanted);
            ImageArrival arrival = Holt.arriving(kit.catalog, source, temp.resolve("db"), working(budget));
            if (!clippedBeforeReadingInTurn) {
                arrival.start(new Told());
                arrival.await();
            }
            for (int group = WANTED_GROUPS; group < GROUPS; group++) {
                arrival.db().tree("groups").deletePrefix(new byte[] {0, (byte) group});
            }
            if (clippedBeforeReadingInTurn) {
                arrival.start(new Told());
                arrival.await();
                // Those under the nodes that were cut off.
                assertThat(source.opened().stream().filter(kit.unwanted::get).count())
                        .isLessThanOrEqualTo(1);
            }
            try (HoltDb db = arrival.db()) {
                kit.expected.assertSame(db);
                Path directory = temp.resolve("eager");
                try (ImageInstaller installer = Holt.workingInstaller(kit.catalog, directory, working(budget))) {
                    for (Map.Entry<Integer, Kept> frame : kit.frames.entrySet()) {
                        if (kit.unwanted.get(frame.getKey())) {
                            installer.addEmptied(
                                    FrameChangesTest.pieces(frame.getValue().pieces()));
                        } else {
                            installer.addFrame(
                                    FrameChangesTest.pieces(frame.getValue().pieces()));
                        }
                    }
                    try (HoltDb eager = installer.finish()) {
                        for (int group = WANTED_GROUPS; group < GROUPS; group++) {
                            eager.tree("groups").deletePrefix(new byte[] {0, (byte) group});
                        }
                        // Waits for what is freed in the background.
                        eager.checkpoint();
                        db.checkpoint();
                        assertThat(db.stats().frames()).isEqualTo(eager.stats().frames());
                    }
                }
            }
            assertThat(budget.usedBytes()).isZero();
        }
    }

    /** What was written before and what changed since can be told apart as after any other installation. */
    @Test
    void changesOfFramesThatArrivedArePartsOfThem() throws Exception {
        ArrivalKit kit = groups();
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            ImageArrival arrival = Holt.arriving(kit.catalog, kit.source(), temp.resolve("db"), working(budget));
            HoltDb db = arrival.db();
            long before = db.snapshot().epoch() - 1;
            arrival.start(new Told());
            arrival.await();
            db.tree("groups").put(groupKey(3, 3), bytes("changed"));
            kit.expected = Contents.of(db);
            int framesChanged = 0;
            try (Snapshot snapshot = db.snapshot();
                    FrameCursor cursor = snapshot.image(before).frames()) {
                while (cursor.next()) {
                    framesChanged++;
                    assertThat(cursor.bytesOfChanges(arrival.digest(cursor.blobId())))
                            .isLessThan(cursor.bytes() / 4);
                    Kept known = new Kept(kit.frames.get(cursor.blobId()).pieces(), arrival.digest(cursor.blobId()));
                    kit.frames.put(cursor.blobId(), FrameChangesTest.changed(cursor, known));
                }
                kit.catalog = snapshot.image(0).catalog();
            }
            assertThat(framesChanged).isOne();
            db.discard();
            FrameChangesTest.install(Holt.installer(kit.catalog, OPTIONS), kit.frames, kit.expected);
        }
    }
}
