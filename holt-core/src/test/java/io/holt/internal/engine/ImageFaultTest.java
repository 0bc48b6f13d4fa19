package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.Holt;
import io.holt.api.CorruptDataException;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.ImageInstaller;
import io.holt.api.MemoryBudget;
import io.holt.api.Snapshot;
import io.holt.api.StoreFormatException;
import io.holt.internal.checkpoint.ImageCatalog;
import io.holt.testkit.Contents;
import io.holt.testkit.SimulatedDisk;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are damaged, cut short or can't be written: reported, and nothing is left behind (I4, I6). */
class ImageFaultTest {

    private static final Path TARGET = Path.of("/target");

    private MemoryBudget budget;
    private HoltOptions options;
    private HoltDb db;
    private Snapshot snapshot;

    @TempDir
    private Path temp;

    @BeforeEach
    void fill() {
        budget = Holt.memory(32L << 20);
        options = HoltOptions.builder().memory(budget).build();
        db = Holt.inMemory(options);
        for (int i = 0; i < 150; i++) {
            db.tree("first").put(bytes("key-" + i), bytes("value " + i));
        }
        db.tree("second").put(bytes("one"), new byte[66_000]);
        snapshot = db.snapshot();
    }

    @AfterEach
    void close() {
        snapshot.close();
        db.close();
        assertThat(budget.usedBytes()).isZero();
        budget.close();
    }

    @Test
    void everyFlippedByteOfAStreamIsReported() throws Exception {
        byte[] stream = stream();
        for (int at = 0; at < stream.length; at += at < 500 ? 1 : 13) {
            byte[] damaged = stream.clone();
            damaged[at] ^= (byte) (1 << (at % 8));
            int offset = at;
            assertThatThrownBy(() -> Holt.restoreInMemory(new ByteArrayInputStream(damaged), options)
                            .close())
                    .as("byte %d", offset)
                    .isInstanceOfAny(CorruptDataException.class, StoreFormatException.class, EOFException.class);
        }
    }

    @Test
    void aStreamThatEndsEarlyIsReported() throws Exception {
        byte[] stream = stream();
        for (int length = 0; length < stream.length; length += length < 60 ? 1 : 1777) {
            byte[] cut = Arrays.copyOf(stream, length);
            Path directory = temp.resolve("d");
            assertThatThrownBy(() -> Holt.restore(new ByteArrayInputStream(cut), directory, options))
                    .isInstanceOfAny(EOFException.class, CorruptDataException.class);
            assertEmpty(directory);
        }
    }

    @Test
    void anInstallerThatIsNotFinishedLeavesNothing() throws Exception {
        byte[] catalog = snapshot.image(0).catalog();
        Path directory = temp.resolve("d");
        try (ImageInstaller installer = Holt.installer(catalog, directory, options);
                var frames = snapshot.image(0).frames()) {
            assertThat(frames.next()).isTrue();
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frames.writeTo(frame);
            assertThat(installer.addFrame(new ByteArrayInputStream(frame.toByteArray())))
                    .isTrue();
            assertThat(installer.addFrame(new ByteArrayInputStream(frame.toByteArray())))
                    .isFalse();
            assertThatThrownBy(() -> installer.addFrame(new ByteArrayInputStream(new byte[0])))
                    .isInstanceOf(EOFException.class);
        }
        assertEmpty(directory);
    }

    @Test
    void aCatalogOfANewerFormatIsRefused() {
        byte[] catalog = snapshot.image(0).catalog();
        catalog[8] = 2;
        assertThatThrownBy(() -> Holt.installer(catalog, options))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> Holt.installer(new byte[64], options)).isInstanceOf(StoreFormatException.class);
    }

    @Test
    void anExportFailsAtEveryCallAndLeavesNoDatabase() {
        Contents expected = Contents.of(snapshot);
        SimulatedDisk whole = new SimulatedDisk();
        ((EngineSnapshot) snapshot).exportTo(whole.engine(), TARGET);
        long calls = whole.calls();
        assertThat(calls).isGreaterThan(8);
        for (int n = 0; n < calls; n++) {
            SimulatedDisk disk = new SimulatedDisk();
            long failing = n;
            disk.fault((call, path, number) -> {
                if (number == failing) {
                    throw new HoltIoException("no space left");
                }
            });
            assertThatThrownBy(() -> ((EngineSnapshot) snapshot).exportTo(disk.engine(), TARGET))
                    .as("call %d", n)
                    .isInstanceOf(HoltIoException.class);
            disk.fault((call, path, number) -> {});
            // What is left, if anything, is whole or refused; and a second attempt works if it was nothing.
            openOrRefuse(disk, expected);
        }
    }

    @Test
    void anExportThatPowerFailsIsThereEntirelyOrNotAtAll() {
        Contents expected = Contents.of(snapshot);
        int opened = 0;
        for (int seed = 0; seed < 50; seed++) {
            SimulatedDisk disk = new SimulatedDisk();
            disk.crashAfter(seed % 25);
            boolean finished = false;
            try {
                ((EngineSnapshot) snapshot).exportTo(disk.engine(), TARGET);
                finished = true;
            } catch (SimulatedDisk.Crash crash) {
                assertThat(disk.crashed()).isTrue();
            }
            boolean found = openOrRefuse(disk.afterPowerLoss(new java.util.Random(seed)), expected);
            assertThat(found || !finished).isTrue();
            opened += found ? 1 : 0;
        }
        assertThat(opened).isBetween(1, 49);
    }

    private boolean openOrRefuse(SimulatedDisk disk, Contents expected) {
        HoltOptions existing =
                HoltOptions.builder().memory(budget).createIfMissing(false).build();
        HoltDb found;
        try {
            found = Opening.open(disk.engine(), TARGET, existing, 64 * 1024);
        } catch (StoreFormatException e) {
            return false;
        }
        try (found) {
            expected.assertSame(found);
        }
        return true;
    }

    @Test
    void theBytesOfACatalogArePinned() {
        java.util.BitSet ids = new java.util.BitSet();
        ids.set(1);
        ids.set(70);
        ImageCatalog catalog = new ImageCatalog(
                0x0102030405060708L, 9, java.util.Map.of("ab", new io.holt.internal.store.TreeEntry(3, 70, 0)), ids);
        String hex = java.util.HexFormat.of().formatHex(catalog.encode());
        assertThat(hex)
                .isEqualTo("484c54494d41474501000000000008000807060504030201090000000100000002000000439f594d"
                        + "0300000046000000020000006162"
                        + "02000000000000004000000000000000");
        ImageCatalog decoded = ImageCatalog.decode(catalog.encode());
        assertThat(decoded).isEqualTo(catalog);
    }

    @Test
    void theBytesOfAFrameRecordArePinned() throws IOException {
        try (var frames = snapshot.image(0).frames()) {
            assertThat(frames.next()).isTrue();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            frames.writeTo(out);
            String hex = java.util.HexFormat.of().formatHex(out.toByteArray(), 0, 28);
            assertThat(hex).isEqualTo("484c46520100000001000000000000000200" + "7f00" + "01000000" + "00000000");
        }
    }

    private byte[] stream() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        snapshot.exportTo(out);
        return out.toByteArray();
    }

    private static void assertEmpty(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var files = Files.list(directory)) {
                assertThat(files.map(path -> path.getFileName().toString())).isSubsetOf("holt.lock");
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
