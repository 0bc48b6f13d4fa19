package io.holt.flink.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.Test;

class BufferedStreamTest {

    /** Random reads and seeks against the array itself. */
    @Test
    void readsWhatIsThere() throws IOException {
        Random random = new Random(11);
        byte[] bytes = new byte[300_000];
        random.nextBytes(bytes);
        try (FSDataInputStream plain = new ByteStreamStateHandle("bytes", bytes).openInputStream();
                BufferedStream stream = new BufferedStream(plain)) {
            int position = 0;
            for (int i = 0; i < 20_000; i++) {
                assertThat(stream.getPos()).isEqualTo(position);
                int choice = random.nextInt(20);
                if (choice == 0) {
                    position = random.nextInt(bytes.length + 1);
                    stream.seek(position);
                } else if (choice == 1) {
                    position = Math.clamp(position + random.nextInt(2000) - 1000, 0, bytes.length);
                    stream.seek(position);
                } else if (choice < 10) {
                    int expected = position == bytes.length ? -1 : bytes[position] & 0xFF;
                    assertThat(stream.read()).isEqualTo(expected);
                    position += expected < 0 ? 0 : 1;
                } else {
                    position = readRange(stream, bytes, position, random.nextInt(choice == 19 ? 200_000 : 100));
                }
            }
        }
    }

    /** Reads up to {@code length} bytes and answers the position behind them. */
    private static int readRange(BufferedStream stream, byte[] bytes, int position, int length) throws IOException {
        byte[] target = new byte[length + 2];
        int read = stream.read(target, 1, length);
        if (length == 0) {
            assertThat(read).isZero();
            return position;
        }
        if (position == bytes.length) {
            assertThat(read).isEqualTo(-1);
            return position;
        }
        assertThat(read).isBetween(1, length);
        assertThat(Arrays.copyOfRange(target, 1, 1 + read))
                .isEqualTo(Arrays.copyOfRange(bytes, position, position + read));
        return position + read;
    }
}
