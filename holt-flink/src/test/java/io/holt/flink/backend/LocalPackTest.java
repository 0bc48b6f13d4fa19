package io.holt.flink.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.flink.snapshot.Pack;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalPackTest {

    private static final int FILE_BYTES = 300_000;

    @TempDir
    Path directory;

    private final Random random = new Random(1);
    private final byte[] bytes = new byte[FILE_BYTES];

    /** A piece ends where it should, whatever is read of it by which means. */
    @ParameterizedTest
    @ValueSource(ints = {1, 511, 512, 513, 65_535, 65_536, 65_537, 200_000})
    void aPieceIsItsBytesAndNoOthers(int length) throws IOException {
        random.nextBytes(bytes);
        Path file = Files.write(directory.resolve("pack"), bytes);
        try (LocalPack pack = LocalPack.open(packOf(file), null, LocalPack.newBuffer())) {
            for (int round = 0; round < 20; round++) {
                int offset = random.nextInt(FILE_BYTES - length + 1);
                assertThat(readAll(pack.piece(offset, length), length))
                        .isEqualTo(Arrays.copyOfRange(bytes, offset, offset + length));
            }
        }
    }

    private byte[] readAll(InputStream piece, int length) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (read.size() < length) {
            byte[] some = new byte[1 + random.nextInt(random.nextBoolean() ? 100 : 100_000)];
            int count = 1;
            switch (random.nextInt(3)) {
                case 0 -> some[0] = (byte) piece.read();
                case 1 -> count = piece.read(some);
                default -> {
                    ByteBuffer direct = ByteBuffer.allocateDirect(some.length);
                    count = ((ReadableByteChannel) piece).read(direct);
                    direct.flip().get(some, 0, count);
                }
            }
            read.write(some, 0, count);
        }
        assertThat(piece.read()).isEqualTo(-1);
        assertThat(piece.read(new byte[1])).isEqualTo(-1);
        assertThat(((ReadableByteChannel) piece).read(ByteBuffer.allocate(1000)))
                .isEqualTo(-1);
        return read.toByteArray();
    }

    @Test
    void aCopyInADirectoryComesFirst() throws IOException {
        random.nextBytes(bytes);
        Files.write(directory.resolve("name"), bytes);
        Pack pack = new Pack("name", new ByteStreamStateHandle("elsewhere", new byte[10]), 10);
        try (LocalPack local = LocalPack.open(pack, directory, LocalPack.newBuffer())) {
            assertThat(local.piece(0, FILE_BYTES).readAllBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void whatIsNoFileIsLeftToItsHandle() throws IOException {
        Pack inMemory = new Pack("name", new ByteStreamStateHandle("elsewhere", new byte[10]), 10);
        assertThat(LocalPack.open(inMemory, null, LocalPack.newBuffer())).isNull();
        StreamStateHandle remote = new FileStateHandle(new org.apache.flink.core.fs.Path("s3://bucket/pack"), 10);
        assertThat(LocalPack.open(new Pack("name", remote, 10), null, LocalPack.newBuffer()))
                .isNull();
    }

    @Test
    void aFileThatIsGoneIsAnError() {
        assertThatThrownBy(() -> LocalPack.open(packOf(directory.resolve("gone")), null, LocalPack.newBuffer()))
                .isInstanceOf(FileNotFoundException.class);
    }

    private static Pack packOf(Path file) {
        org.apache.flink.core.fs.Path path = org.apache.flink.core.fs.Path.fromLocalFile(file.toFile());
        return new Pack("name", new FileStateHandle(path, FILE_BYTES), FILE_BYTES);
    }
}
