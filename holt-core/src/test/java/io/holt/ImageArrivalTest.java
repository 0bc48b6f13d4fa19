package io.holt;

import static io.holt.ImageFixtures.bytes;
import static io.holt.ImageFixtures.fill;
import static io.holt.ImageFixtures.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.FrameChangesTest.Kept;
import io.holt.api.CheckpointImage;
import io.holt.api.CheckpointImage.FrameCursor;
import io.holt.api.CorruptDataException;
import io.holt.api.Durability;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.ImageArrival;
import io.holt.api.ImageInstaller;
import io.holt.api.InvalidOptionException;
import io.holt.api.MemoryBudget;
import io.holt.api.Snapshot;
import io.holt.internal.memory.BlobBufPool;
import io.holt.testkit.Contents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases that are used while the frames of their image arrive: they answer as what the image was taken of. */
class ImageArrivalTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(96L << 20).build();

    @TempDir
    private Path temp;

    private long liveBefore;

    /** An image as it is kept, with frames that nothing leads to any more. */
    private static final class Kit {
        byte[] catalog;
        Contents expected;
        final Map<Integer, Kept> frames = new HashMap<>();
        final BitSet valueParts = new BitSet();
        final BitSet unwanted = new BitSet();

        /** Takes over what changed; answers since when the next changes are. */
        long take(HoltDb db, long since) throws Exception {
            try (Snapshot snapshot = db.snapshot()) {
                CheckpointImage image = snapshot.image(since);
                BitSet blobs = image.blobIds();
                frames.keySet().removeIf(blobId -> !blobs.get(blobId));
                try (FrameCursor cursor = image.frames()) {
                    while (cursor.next()) {
                        Kept before = frames.get(cursor.blobId());
                        frames.put(
                                cursor.blobId(),
                                before == null
                                        ? new Kept(List.of(written(cursor)), cursor.digest(null))
                                        : FrameChangesTest.changed(cursor, before));
                        valueParts.set(cursor.blobId(), cursor.isValuePart());
                        byte[] lowest = cursor.lowestPrefix();
                        boolean above = lowest.length >= 2 && lowest[1] >= WANTED_GROUPS;
                        unwanted.set(cursor.blobId(), !cursor.isValuePart() && above);
                    }
                }
                catalog = image.catalog();
                expected = Contents.of(snapshot);
                return snapshot.epoch();
            }
        }

        KeptSource source() {
            return new KeptSource(frames, valueParts);
        }

        /** A part of a large value. */
        int somePart() {
            return frames.keySet().stream().filter(valueParts::get).findAny().orElseThrow();
        }

        /** A frame with records that is not the root of a tree. */
        int someFrame() {
            return frames.keySet().stream()
                    .filter(blobId -> !valueParts.get(blobId))
                    .max(Integer::compare)
                    .orElseThrow();
        }
    }

    private static final int GROUPS = 16;
    private static final int WANTED_GROUPS = 8;
    private static final int LARGE_VALUE_BYTES = 600_000;

    @BeforeEach
    void note() {
        liveBefore = BlobBufPool.liveBytes();
    }

    @AfterEach
    void nothingLeaks() {
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBefore);
    }

    private static Kit kit(long seed) throws Exception {
        Random random = new Random(seed);
        Kit kit = new Kit();
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            long since = 0;
            for (int round = 0; round < 4; round++) {
                fill(db, round == 0 ? 15_000 : 300, random);
                since = kit.take(db, since);
            }
        }
        return kit;
    }

    private static HoltOptions working(MemoryBudget budget) {
        return HoltOptions.builder().memory(budget).durability(Durability.NONE).build();
    }

    /** What the listener was told. */
    private static final class Told implements ImageArrival.Listener {
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile RuntimeException cause;

        @Override
        public void complete() {
            ended.countDown();
        }

        @Override
        public void failed(RuntimeException failure) {
            cause = failure;
            ended.countDown();
        }

        RuntimeException cause() throws InterruptedException {
            assertThat(ended.await(5, TimeUnit.MINUTES)).isTrue();
            return cause;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 20, 200})
    void answersBeforeAnythingIsReadInTurn(int slots) throws Exception {
        Kit kit = kit(slots);
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
            Kit kit = kit(100 * slots + seed);
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
        Kit kit = kit(5);
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
        Kit kit = kit(6);
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

    private HoltDb eager(Kit kit, Map<Integer, Kept> frames, HoltOptions options) throws Exception {
        try (ImageInstaller installer = Holt.workingInstaller(kit.catalog, temp.resolve("eager"), options)) {
            for (Kept frame : frames.values()) {
                installer.addFrame(FrameChangesTest.pieces(frame.pieces()));
            }
            return installer.finish();
        }
    }

    /** Keys of groups, each of which has several frames and some large values. */
    private static Kit groups() throws Exception {
        Kit kit = new Kit();
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("groups");
            for (int i = 0; i < 60_000; i++) {
                tree.put(groupKey(i % GROUPS, i), new byte[200]);
            }
            for (int i = 0; i < GROUPS; i++) {
                tree.put(groupKey(i, -i), new byte[LARGE_VALUE_BYTES]);
            }
            long since = kit.take(db, 0);
            for (int i = 0; i < 60_000; i += 90) {
                tree.put(groupKey(i % GROUPS, i), bytes("another value, of another length, with the number " + i));
            }
            kit.take(db, since);
        }
        kit.expected.tree("groups").tailMap(new byte[] {0, WANTED_GROUPS}, true).clear();
        return kit;
    }

    private static byte[] groupKey(int group, int number) {
        byte[] tail = bytes("/key-" + number);
        byte[] key = new byte[2 + tail.length];
        key[1] = (byte) group;
        System.arraycopy(tail, 0, key, 2, tail.length);
        return key;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unwantedFramesAreNotRead(boolean clippedBeforeReadingInTurn) throws Exception {
        Kit kit = groups();
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
                            installer.addEmptied(FrameChangesTest.pieces(frame.getValue().pieces()));
                        } else {
                            installer.addFrame(FrameChangesTest.pieces(frame.getValue().pieces()));
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

    private enum Harm {
        DAMAGED,
        CUT_OFF,
        EXCHANGED,
        FAILING
    }

    private static KeptSource harmed(Kit kit, Harm harm, int blobId) {
        return switch (harm) {
            case DAMAGED -> kit.source().damagedAt(blobId);
            case CUT_OFF -> kit.source().cutOffAt(blobId);
            case EXCHANGED -> kit.source().exchanged(blobId, kit.frames.keySet().iterator().next());
            case FAILING -> kit.source().failingAt(blobId);
        };
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.EnumSource(Harm.class)
    void whatCantBeReadIsReportedAndNothingElseGiven(Harm harm) throws Exception {
        Kit kit = groups();
        int bad = kit.someFrame();
        Class<? extends RuntimeException> expected =
                harm == Harm.FAILING ? HoltIoException.class : CorruptDataException.class;
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            KeptSource source = harmed(kit, harm, bad);
            ImageArrival arrival = Holt.arriving(kit.catalog, source, temp.resolve("db"), working(budget));
            HoltDb db = arrival.db();
            int refused = 0;
            NavigableMap<byte[], byte[]> model = kit.expected.tree("groups");
            List<byte[]> keys = new ArrayList<>(model.keySet());
            for (int i = 0; i < keys.size(); i += 17) {
                try {
                    assertThat(db.tree("groups").get(keys.get(i))).isEqualTo(model.get(keys.get(i)));
                } catch (CorruptDataException | HoltIoException e) {
                    assertThat(e).isInstanceOf(expected).hasMessageContaining("pack " + bad);
                    refused++;
                }
            }
            Told told = new Told();
            arrival.start(told);
            assertThat(told.cause()).isInstanceOf(expected).hasMessageContaining("pack " + bad);
            assertThatThrownBy(arrival::await).isSameAs(told.cause());
            // Whether a key that was asked for is in that frame depends on how the tree came out.
            assertThat(refused).isLessThan(keys.size() / 17);
            assertThatThrownBy(db::close).isInstanceOf(expected);
            assertThat(db.isClosed()).isTrue();
            assertThat(source.isClosed()).isTrue();
            assertThat(source.openStreams()).isZero();
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void aMissingFrameIsReported() throws Exception {
        Kit kit = groups();
        int missing = kit.someFrame();
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            kit.frames.remove(missing);
            ImageArrival arrival = Holt.arriving(kit.catalog, kit.source(), temp.resolve("db"), working(budget));
            Told told = new Told();
            arrival.start(told);
            assertThat(told.cause())
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("blob " + missing + " ")
                    .hasMessageContaining("missing");
            arrival.db().discard();

            kit.frames.clear();
            KeptSource nothing = kit.source();
            assertThatThrownBy(() -> Holt.arriving(kit.catalog, nothing, temp.resolve("other"), working(budget)))
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("missing");
            assertThat(temp.resolve("other")).doesNotExist();
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void discardDoesNotWaitForWhatIsStillToBeRead() throws Exception {
        Kit kit = groups();
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            KeptSource source = kit.source().blockedAt(kit.somePart());
            ImageArrival arrival = Holt.arriving(kit.catalog, source, temp.resolve("db"), working(budget));
            Told told = new Told();
            arrival.start(told);
            source.awaitBlocked();
            kit.expected.tree("groups").forEach((key, value) -> {
                // Of the others, one waits for what is blocked.
                if (value.length < LARGE_VALUE_BYTES) {
                    assertThat(arrival.db().tree("groups").get(key)).isEqualTo(value);
                }
            });
            arrival.db().discard();
            assertThat(arrival.db().isClosed()).isTrue();
            assertThatThrownBy(arrival::await).isInstanceOf(HoltClosedException.class);
            assertThat(told.ended.getCount()).isOne();
            assertThat(source.openStreams()).isZero();
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void isStartedOnceAndNotAfterTheEnd() throws Exception {
        Kit kit = kit(7);
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            ImageArrival arrival = Holt.arriving(kit.catalog, kit.source(), temp.resolve("db"), working(budget));
            assertThatThrownBy(arrival::await).isInstanceOf(IllegalStateException.class);
            arrival.start(new Told());
            assertThatThrownBy(() -> arrival.start(new Told())).isInstanceOf(IllegalStateException.class);
            arrival.db().close();
            arrival.await();

            KeptSource unused = kit.source();
            ImageArrival other = Holt.arriving(kit.catalog, unused, temp.resolve("other"), working(budget));
            other.db().discard();
            assertThat(unused.opened()).isEmpty();
            assertThat(unused.isClosed()).isTrue();
            assertThatThrownBy(() -> other.start(new Told())).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(other::await).isInstanceOf(HoltClosedException.class);

            HoltOptions logged = HoltOptions.builder()
                    .memory(budget)
                    .durability(Durability.ASYNC)
                    .build();
            assertThatThrownBy(() -> Holt.arriving(kit.catalog, unused, temp.resolve("logged"), logged))
                    .isInstanceOf(InvalidOptionException.class);
        }
    }

    /** What was written before and what changed since can be told apart as after any other installation. */
    @Test
    void changesOfFramesThatArrivedArePartsOfThem() throws Exception {
        Kit kit = groups();
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
                    Kept known = new Kept(
                            kit.frames.get(cursor.blobId()).pieces(), arrival.digest(cursor.blobId()));
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
