package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.ReadOnlyException;
import io.holt.api.Snapshot;
import io.holt.api.StoreFormatException;
import io.holt.api.StoreInUseException;
import io.holt.testkit.Contents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is only read: beside other readers, never beside a writer, and no byte of it changes. */
class ReadOnlyTest {

    private static final HoltOptions WRITING =
            HoltOptions.builder().memoryBytes(64L << 20).build();
    private static final HoltOptions READING =
            HoltOptions.builder().memoryBytes(16L << 20).readOnly(true).build();

    @TempDir
    private Path temp;

    private Path directory;

    private Contents write(int records) {
        directory = temp.resolve("db");
        try (HoltDb db = Holt.open(directory, WRITING)) {
            for (int i = 0; i < records; i++) {
                db.tree("tree").put(bytes("key-" + i), new byte[1000 + i % 7]);
            }
            return Contents.of(db);
        }
    }

    @Test
    void readersShareAndWritersAreKeptOut() {
        Contents contents = write(100);
        try (HoltDb first = Holt.open(directory, READING);
                HoltDb second = Holt.open(directory, READING)) {
            contents.assertSame(first);
            contents.assertSame(second);
            assertThatThrownBy(() -> Holt.open(directory, WRITING)).isInstanceOf(StoreInUseException.class);
        }
        try (HoltDb writer = Holt.open(directory, WRITING)) {
            assertThat(writer.treeNames()).containsExactly("tree");
            assertThatThrownBy(() -> Holt.open(directory, READING)).isInstanceOf(StoreInUseException.class);
        }
    }

    @Test
    void nothingIsChangedAndEveryAttemptIsRefused() throws IOException {
        Contents contents = write(500);
        Map<String, Object> before = files();
        try (HoltDb db = Holt.open(directory, READING)) {
            assertThatThrownBy(() -> db.tree("tree").put(bytes("key-0"), bytes("x")))
                    .isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> db.tree("tree").delete(bytes("key-0"))).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> db.tree("tree").deletePrefix(bytes("k"))).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> db.tree("another")).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> db.dropTree("tree")).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(db::checkpoint).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(db::vacuum).isInstanceOf(ReadOnlyException.class);
            contents.assertSame(db);
            try (Snapshot snapshot = db.snapshot()) {
                snapshot.exportTo(temp.resolve("copy"));
            }
        }
        assertThat(files()).isEqualTo(before);
        try (HoltDb copy = Holt.open(temp.resolve("copy"), READING)) {
            contents.assertSame(copy);
        }
    }

    @Test
    void aDatabaseLargerThanTheMemoryIsRead() {
        Contents contents = write(40_000);
        try (HoltDb db = Holt.open(directory, READING)) {
            assertThat(db.stats().frames() * 524_288).isGreaterThan(2 * READING.memoryBytes());
            contents.assertSame(db);
        }
    }

    @Test
    void whereThereIsNoDatabaseNoneIsMade() throws IOException {
        assertThatThrownBy(() -> Holt.open(temp.resolve("none"), READING)).isInstanceOf(StoreFormatException.class);
        assertThatThrownBy(() -> Holt.open(temp, READING)).isInstanceOf(StoreFormatException.class);
        try (var entries = Files.list(temp)) {
            assertThat(entries).isEmpty();
        }
    }

    @Test
    void aCopyWithoutTheLockFileIsRead() throws IOException {
        Contents contents = write(10);
        Files.delete(directory.resolve("holt.lock"));
        try (HoltDb db = Holt.open(directory, READING)) {
            contents.assertSame(db);
        }
    }

    private Map<String, Object> files() throws IOException {
        Map<String, Object> files = new TreeMap<>();
        try (var entries = Files.list(directory)) {
            for (Path file : entries.toList()) {
                FileTime time = Files.getLastModifiedTime(file);
                files.put(file.getFileName().toString(), time + " " + Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
