package io.holt;

import static io.holt.ImageFixtures.bytes;
import static io.holt.ImageFixtures.fill;
import static io.holt.ImageFixtures.framesOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.ImageFixtures.Kept;
import io.holt.api.CorruptDataException;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.ImageInstaller;
import io.holt.api.InvalidOptionException;
import io.holt.api.MemoryBudget;
import io.holt.api.Snapshot;
import io.holt.api.StoreFormatException;
import io.holt.testkit.Contents;
import io.holt.testkit.NoLeakedFrames;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases that work with the frames of an image at once, in much memory and in little. */
@ExtendWith(NoLeakedFrames.class)
class WorkingInstallerTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(96L << 20).build();

    @TempDir
    private Path temp;

    /** Frames of several images of one database, shuffled, and what the last of them saw. */
    private static final class Kit {
        final byte[] catalog;
        final List<byte[]> frames;
        final Contents expected;

        Kit(byte[] catalog, List<byte[]> frames, Contents expected) {
            this.catalog = catalog;
            this.frames = frames;
            this.expected = expected;
        }
    }

    private static Kit kit(long seed) throws Exception {
        Random random = new Random(seed);
        List<byte[]> frames = new ArrayList<>();
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            long since = 0;
            for (int round = 0; ; round++) {
                fill(db, round == 0 ? 15_000 : 300, random);
                try (Snapshot snapshot = db.snapshot()) {
                    for (Kept kept : framesOf(snapshot.image(since))) {
                        frames.add(kept.bytes);
                    }
                    since = snapshot.epoch();
                    if (round == 3) {
                        Collections.shuffle(frames, random);
                        return new Kit(snapshot.image(0).catalog(), frames, Contents.of(snapshot));
                    }
                }
            }
        }
    }

    private static HoltOptions working(MemoryBudget budget) {
        return HoltOptions.builder().memory(budget).durability(Durability.NONE).build();
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 20, 200})
    void whatTheImageHeldIsThere(int slots) throws Exception {
        for (long seed = 1; seed <= 2; seed++) {
            Kit kit = kit(seed);
            Path directory = temp.resolve("db" + slots + "-" + seed);
            try (MemoryBudget budget = Holt.memory((long) slots << 19)) {
                HoltOptions options = working(budget);
                try (ImageInstaller installer = Holt.workingInstaller(kit.catalog, directory, options)) {
                    for (byte[] frame : kit.frames) {
                        installer.addFrame(new ByteArrayInputStream(frame));
                    }
                    try (HoltDb db = installer.finish()) {
                        kit.expected.assertSame(db);
                        if (slots == 8) {
                            assertThat(db.stats().evictions()).isPositive();
                        }
                        goOn(db);
                    }
                }
                try (HoltDb reopened = Holt.open(directory, options)) {
                    assertThat(reopened.tree("a").get(bytes("another"))).isEqualTo(bytes("one"));
                    assertThat(reopened.tree("a").delete(bytes("another"))).isTrue();
                    kit.expected.assertSame(reopened);
                }
                assertThat(budget.usedBytes()).isZero();
            }
        }
    }

    /** New frames get ids that are free, snapshots see what they should. */
    private static void goOn(HoltDb db) {
        HoltTree tree = db.tree("more");
        for (int i = 0; i < 5000; i++) {
            tree.put(bytes("key-" + i), new byte[300]);
        }
        try (Snapshot snapshot = db.snapshot()) {
            Contents before = Contents.of(snapshot);
            db.tree("a").put(bytes("another"), bytes("one"));
            assertThat(Contents.of(snapshot).sameAs(before)).isTrue();
        }
        assertThat(db.dropTree("more")).isTrue();
    }

    /** Ids of frames that the trees do not lead to are given out again, before those that no frame ever had. */
    @Test
    void idsOfFramesThatAreLeftOutAreFree() throws Exception {
        List<byte[]> frames = new ArrayList<>();
        byte[] catalog;
        int lastId;
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            for (String name : List.of("gone", "stays")) {
                grow(db.tree(name));
            }
            try (Snapshot snapshot = db.snapshot()) {
                framesOf(snapshot.image(0)).forEach(kept -> frames.add(kept.bytes));
                assertThat(db.dropTree("gone")).isTrue();
                try (Snapshot later = db.snapshot()) {
                    catalog = later.image(0).catalog();
                    lastId = later.image(0).blobIds().length();
                }
            }
        }
        try (MemoryBudget budget = Holt.memory(96L << 20)) {
            HoltOptions options = working(budget);
            try (ImageInstaller installer = Holt.workingInstaller(catalog, temp.resolve("db"), options)) {
                for (byte[] frame : frames) {
                    installer.addFrame(new ByteArrayInputStream(frame));
                }
                try (HoltDb db = installer.finish()) {
                    grow(db.tree("new"));
                    try (Snapshot snapshot = db.snapshot()) {
                        assertThat(snapshot.image(0).blobIds().length()).isEqualTo(lastId);
                    }
                }
            }
        }
    }

    /** The same number of frames each time. */
    private static void grow(HoltTree tree) {
        for (int i = 0; i < 20_000; i++) {
            tree.put(bytes("key-" + (100_000 + i)), new byte[100]);
        }
    }

    @Test
    void whatIsNotFinishedGivesItsMemoryBack() throws Exception {
        Kit kit = kit(3);
        try (MemoryBudget budget = Holt.memory(32L << 20)) {
            try (ImageInstaller installer = Holt.workingInstaller(kit.catalog, temp.resolve("db"), working(budget))) {
                for (int i = 0; i < kit.frames.size() / 2; i++) {
                    installer.addFrame(new ByteArrayInputStream(kit.frames.get(i)));
                }
                assertThat(budget.usedBytes()).isPositive();
                assertThatThrownBy(installer::finish).isInstanceOf(CorruptDataException.class);
            }
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void aLogAndADirectoryInUseAreRefused() throws Exception {
        Kit kit = kit(4);
        try (MemoryBudget budget = Holt.memory(32L << 20)) {
            HoltOptions logged = HoltOptions.builder()
                    .memory(budget)
                    .durability(Durability.ASYNC)
                    .build();
            assertThatThrownBy(() -> Holt.workingInstaller(kit.catalog, temp.resolve("logged"), logged))
                    .isInstanceOf(InvalidOptionException.class);
            Holt.open(temp.resolve("used"), working(budget)).close();
            assertThatThrownBy(() -> Holt.workingInstaller(kit.catalog, temp.resolve("used"), working(budget)))
                    .isInstanceOf(StoreFormatException.class);
            assertThat(budget.usedBytes()).isZero();
        }
    }
}
