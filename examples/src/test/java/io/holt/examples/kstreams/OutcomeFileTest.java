package io.holt.examples.kstreams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.examples.fs.DirectoryState;
import io.holt.examples.fs.FileSystemState;
import io.holt.examples.fs.FileVersion;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutcomeFileTest {

    private static final DirectoryState DIRECTORY = new DirectoryState("/m/a", 1, 2, 3, 4, 5);
    private static final FileVersion FILE = new FileVersion("/m/a/b", 6, 7, 8);

    @TempDir
    Path directory;

    private Path written() throws IOException {
        Path file = directory.resolve("outcome");
        try (OutcomeFile.Writer out = new OutcomeFile.Writer(file)) {
            out.write(DIRECTORY);
            out.write(FILE);
        }
        return file;
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        FileSystemState state = OutcomeFile.read(written());

        assertThat(state.directories()).isEqualTo(1);
        assertThat(state.directory("/m/a")).isEqualTo(DIRECTORY);
        assertThat(state.files()).isEqualTo(1);
        assertThat(state.file("/m/a/b")).isEqualTo(FILE);
    }

    @Test
    void aFileWithoutItsEndIsNotTakenForWhole() throws IOException {
        Path file = written();
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));

        assertThatThrownBy(() -> OutcomeFile.read(file)).isInstanceOf(EOFException.class);
    }
}
