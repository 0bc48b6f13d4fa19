package io.holt.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holt.api.IoEngineKind;
import io.holt.api.StoreFormatException;
import io.holt.api.StoreInUseException;
import io.holt.internal.io.DirectoryState;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which directories are accepted, and what is said of the others. */
class StoreDirectoryTest {

    @TempDir
    Path parent;

    private final IoEngine engine = IoEngines.open(IoEngineKind.AUTO);

    private static void assertRefused(String problem, Runnable opening) {
        assertThatThrownBy(opening::run)
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void aMissingDirectoryIsMadeOrRefused() {
        Path missing = parent.resolve("a/b");
        assertRefused("no such directory", () -> StoreDirectory.open(engine, missing, false));
        assertThat(missing).doesNotExist();
        try (StoreDirectory directory = StoreDirectory.open(engine, missing, true)) {
            assertThat(directory.hasStore()).isFalse();
            Manifest.create(engine, directory.files(), new UUID(1, 2)).close();
        }
        try (StoreDirectory directory = StoreDirectory.open(engine, missing, false)) {
            assertThat(directory.hasStore()).isTrue();
        }
    }

    @Test
    void aFileAForeignDirectoryAndAnEmptyOneAreRefused() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "x");
        assertRefused("this is a file", () -> StoreDirectory.open(engine, file, true));
        Path foreign = Files.createDirectory(parent.resolve("foreign"));
        Files.writeString(foreign.resolve("notes.txt"), "x");
        assertRefused("notes.txt", () -> StoreDirectory.open(engine, foreign, true));
        assertThat(engine.list(foreign)).containsExactly("notes.txt");
        Path empty = Files.createDirectory(parent.resolve("empty"));
        assertRefused("holds no database", () -> StoreDirectory.open(engine, empty, false));
        assertThat(engine.list(empty)).isEmpty();
    }

    @Test
    void aStoreWhoseManifestIsGoneIsNotOverwritten() throws IOException {
        Files.writeString(parent.resolve(StoreFiles.DATA), "frames");
        assertRefused("restore the missing file", () -> StoreDirectory.open(engine, parent, true));
    }

    @Test
    void aReadOnlyDirectoryIsRefused() {
        SimulatedDisk disk = new SimulatedDisk();
        disk.engine().createDirectories(parent);
        disk.readOnly();
        assertRefused("can't be made", () -> StoreDirectory.open(disk.engine(), parent, true));
    }

    @Test
    void aDirectoryWithoutTheRightToWriteIsReadOnly() {
        assumeTrue(parent.toFile().setWritable(false) && !Files.isWritable(parent));
        assertThat(engine.directoryState(parent)).isEqualTo(DirectoryState.READ_ONLY);
        assertThat(parent.toFile().setWritable(true)).isTrue();
    }

    @Test
    void aSecondOpeningIsRefusedUntilTheFirstIsClosed() {
        try (StoreDirectory first = StoreDirectory.open(engine, parent, true)) {
            assertThat(first.hasStore()).isFalse();
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> StoreDirectory.open(engine, parent, true))
                        .isInstanceOf(StoreInUseException.class)
                        .hasMessageContaining(parent.toString());
            }
        }
        StoreDirectory again = StoreDirectory.open(engine, parent, true);
        again.close();
        again.close();
    }

    @Test
    void anotherProcessIsKeptOutAndLetsGoWhenItDies() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HoldsLock.class.getName(),
                        parent.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(child.getInputStream().read()).isEqualTo('L');
            assertThatThrownBy(() -> StoreDirectory.open(engine, parent, true)).isInstanceOf(StoreInUseException.class);
        } finally {
            child.destroyForcibly();
            child.waitFor(1, TimeUnit.MINUTES);
        }
        StoreDirectory.open(engine, parent, true).close();
    }

    /** The other process: locks, says so and waits to be killed. */
    static final class HoldsLock {
        private HoldsLock() {}

        public static void main(String[] arguments) throws IOException {
            IoEngine engine = IoEngines.open(IoEngineKind.AUTO);
            StoreDirectory held = StoreDirectory.open(engine, Path.of(arguments[0]), true);
            System.out.print('L');
            System.out.flush();
            // Until it is killed, or nobody is there any more who could do that.
            assertThat(System.in.read()).isNegative();
            held.close();
        }
    }
}
