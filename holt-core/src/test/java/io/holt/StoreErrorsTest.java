package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CorruptDataException;
import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.StoreFormatException;
import io.holt.api.StoreInUseException;
import io.holt.internal.memory.BlobBufPool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that can't be opened, or can't be read, says which file and why (I6); nothing is left in use. */
class StoreErrorsTest {

    private static final int FRAME = 512 * 1024;
    private static final int PAGE = 4096;

    private static final HoltOptions OPTIONS = HoltOptions.builder()
            .memoryBytes(32L << 20)
            .durability(Durability.NONE)
            .build();

    private static final int RECORDS = 9000;

    @TempDir
    private Path root;

    private Path directory;
    private long liveBefore;

    @BeforeEach
    void build() {
        liveBefore = BlobBufPool.liveBytes();
        directory = root.resolve("db");
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            HoltTree tree = db.tree("t");
            for (int i = 0; i < RECORDS; i++) {
                tree.put(key(i), value(i));
            }
            tree.put(bytes("large"), largeValue());
        }
    }

    @AfterEach
    void nothingIsLeftInUse() {
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBefore);
    }

    @Test
    void aSecondOpeningIsRefusedAndDisturbsNothing() {
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            assertThatThrownBy(() -> Holt.open(directory, OPTIONS))
                    .isInstanceOf(StoreInUseException.class)
                    .hasMessageContaining(directory.toString());
            assertThat(db.tree("t").get(key(1))).isEqualTo(value(1));
        }
        assertThat(readAll()).isNull();
    }

    @Test
    void aForeignDirectoryIsRefusedAndLeftAsItIs() throws IOException {
        Path foreign = Files.createDirectory(root.resolve("photos"));
        Files.writeString(foreign.resolve("holiday.jpg"), "pixels");
        assertThatThrownBy(() -> Holt.open(foreign, OPTIONS))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("holiday.jpg");
        try (var entries = Files.list(foreign)) {
            assertThat(entries).hasSize(1);
        }
        Path file = Files.writeString(root.resolve("file"), "text");
        assertThatThrownBy(() -> Holt.open(file, OPTIONS)).isInstanceOf(StoreFormatException.class);
        HoltOptions existing = HoltOptions.builder().createIfMissing(false).build();
        assertThatThrownBy(() -> Holt.open(root.resolve("missing"), existing))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void aMissingDataFileIsReported() throws IOException {
        Files.delete(data());
        assertThatThrownBy(() -> Holt.open(directory, OPTIONS))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(data().toString())
                .hasMessageContaining("missing");
    }

    @Test
    void aDataFileThatIsTooShortIsReported() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(data().toFile(), "rw")) {
            file.setLength(FRAME);
        }
        assertThatThrownBy(() -> Holt.open(directory, OPTIONS))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(data().toString());
    }

    @Test
    void aMissingManifestIsReportedAndNoEmptyDatabaseMade() throws IOException {
        Files.delete(manifest());
        assertThatThrownBy(() -> Holt.open(directory, OPTIONS))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("holt.manifest");
        assertThat(data()).exists();
    }

    @Test
    void aNewerFormatIsRefusedByItsNumber() throws IOException {
        byte[] bytes = Files.readAllBytes(manifest());
        bytes[8] = 9;
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 40);
        for (int i = 0; i < 4; i++) {
            bytes[40 + i] = (byte) (crc.getValue() >>> (8 * i));
        }
        Files.write(manifest(), bytes);
        assertThatThrownBy(() -> Holt.open(directory, OPTIONS))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("9");
    }

    /** One bit in each page in turn: it is reported with blob, page and offset, or the page holds nothing. */
    @Test
    void aDamagedPageIsReportedAndNeverReturned() throws IOException {
        long pages = Files.size(data()) / PAGE;
        int reported = 0;
        int harmless = 0;
        for (int page = 0; page < pages; page++) {
            long offset = (long) page * PAGE + (page * 37L + 11) % PAGE;
            if (isHole(page)) {
                continue;
            }
            flip(offset, page % 8);
            HoltException error = readAll();
            flip(offset, page % 8);
            if (error == null) {
                harmless++;
                continue;
            }
            reported++;
            assertThat(error)
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining(data().toString())
                    .hasMessageContaining("page " + page % (FRAME / PAGE) + " ")
                    .hasMessageContaining("blob ")
                    .hasMessageContaining(String.valueOf((long) page * PAGE));
        }
        assertThat(reported).isGreaterThan(200);
        assertThat(harmless).isZero();
        assertThat(readAll()).isNull();
    }

    /** Opens, reads every record in three ways; answers the error if there was one, else all was right. */
    private HoltException readAll() {
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            HoltTree tree = db.tree("t");
            HoltException error = null;
            int right = 0;
            for (int i = 0; i < RECORDS; i += 50) {
                try {
                    assertThat(tree.get(key(i))).isEqualTo(value(i));
                    right++;
                } catch (CorruptDataException e) {
                    error = e;
                }
            }
            try (Cursor cursor = tree.scan(Scan.all())) {
                while (cursor.next()) {
                    if (cursor.keyLength() > 5) {
                        int number = Integer.parseInt(new String(cursor.key(), StandardCharsets.US_ASCII).substring(9));
                        assertThat(Arrays.equals(cursor.value(), value(number))).isTrue();
                    } else {
                        assertThat(Arrays.equals(cursor.value(), largeValue())).isTrue();
                    }
                }
            } catch (CorruptDataException e) {
                assertThat(right).isLessThanOrEqualTo(RECORDS);
                error = e;
            }
            return error;
        } catch (CorruptDataException e) {
            return e;
        }
    }

    private boolean isHole(int page) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(data().toFile(), "r")) {
            byte[] bytes = new byte[PAGE];
            file.seek((long) page * PAGE);
            file.readFully(bytes);
            for (byte b : bytes) {
                if (b != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private void flip(long offset, int bit) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(data().toFile(), "rw")) {
            file.seek(offset);
            int before = file.read();
            file.seek(offset);
            file.write(before ^ 1 << bit);
        }
    }

    private Path data() {
        return directory.resolve("holt.data");
    }

    private Path manifest() {
        return directory.resolve("holt.manifest");
    }

    private static byte[] key(int i) {
        return bytes("record-" + i % 10 + "/" + i);
    }

    private static byte[] value(int i) {
        byte[] value = new byte[60];
        Arrays.fill(value, (byte) (i * 31 + 1));
        return value;
    }

    private static byte[] largeValue() {
        byte[] value = new byte[600_000];
        Arrays.fill(value, (byte) 0x5A);
        return value;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
