package io.holt;

import static io.holt.FrameChangesTest.OPTIONS;
import static io.holt.FrameChangesTest.changed;
import static io.holt.FrameChangesTest.install;
import static io.holt.FrameChangesTest.keepAll;
import static io.holt.FrameChangesTest.pieces;
import static io.holt.ImageFixtures.bytes;
import static io.holt.ImageFixtures.fill;
import static org.assertj.core.api.Assertions.assertThat;

import io.holt.FrameChangesTest.Kept;
import io.holt.api.CheckpointImage.FrameCursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.ImageInstaller;
import io.holt.api.Snapshot;
import io.holt.testkit.Contents;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of frames that were installed the pages are known that change later: they are not kept whole once more. */
class InstalledFrameChangesTest {

    private static final HoltOptions WORKING = HoltOptions.builder()
            .memoryBytes(96L << 20)
            .durability(Durability.NONE)
            .build();

    @TempDir
    private Path temp;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void framesThatWereInstalledAreKnownByTheirPages(boolean onDisk) throws Exception {
        Random random = new Random(31);
        Map<Integer, Kept> kept = new HashMap<>();
        byte[] catalog;
        long since;
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            fill(db, 8_000, random);
            try (Snapshot snapshot = db.snapshot()) {
                keepAll(snapshot.image(0), kept);
                catalog = snapshot.image(0).catalog();
                since = snapshot.epoch();
            }
        }
        ImageInstaller installer = onDisk
                ? Holt.installer(catalog, temp.resolve("restored"), OPTIONS)
                : Holt.workingInstaller(catalog, temp.resolve("working"), WORKING);
        try (installer) {
            for (Kept frame : kept.values()) {
                installer.addFrame(pieces(frame.pieces()));
            }
            kept.replaceAll((blobId, frame) -> new Kept(frame.pieces(), installer.digest(blobId)));
            assertThat(installer.digest(1_000_000)).isNull();
            try (HoltDb db = installer.finish()) {
                long changesBytes = 0;
                long wholeBytes = 0;
                for (int round = 0; round < 4; round++) {
                    for (int i = 0; i < 8; i++) {
                        db.tree("a")
                                .put(bytes("dir-" + random.nextInt(40) + "/file-" + i), new byte[random.nextInt(90)]);
                    }
                    try (Snapshot snapshot = db.snapshot()) {
                        kept.keySet()
                                .removeIf(id -> !snapshot.image(0).blobIds().get(id));
                        try (FrameCursor cursor = snapshot.image(since).frames()) {
                            while (cursor.next()) {
                                changesBytes += cursor.bytesOfChanges(
                                        kept.get(cursor.blobId()).digest());
                                wholeBytes += cursor.bytes();
                                kept.compute(cursor.blobId(), (_, before) -> changed(cursor, before));
                            }
                        }
                        since = snapshot.epoch();
                        install(Holt.installer(snapshot.image(0).catalog(), OPTIONS), kept, Contents.of(snapshot));
                    }
                }
                assertThat(changesBytes).isPositive().isLessThan(wholeBytes / 2);
            }
        }
    }
}
