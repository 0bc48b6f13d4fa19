package io.holt.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.holt.api.CorruptDataException;
import io.holt.api.HoltException;
import io.holt.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Any bytes in place of a manifest: it is refused by a typed error, or it takes a further checkpoint and then says
 * that and all it said before.
 *
 * <p>Real fuzzing: see Building in README.md.
 */
class ManifestFuzzTest {

    private static final StoreFiles FILES = new StoreFiles(Path.of("/store"));
    private static final int MOST_BYTES = 1 << 16;

    @FuzzTest(maxDuration = "2m")
    void anyBytesAreAManifestOrRefused(byte[] input) {
        if (input.length < 1 || input.length > MOST_BYTES) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 1) != 0) {
            seal(bytes);
        }
        SimulatedDisk disk = new SimulatedDisk();
        disk.put(FILES.manifest(), bytes);
        ManifestState read;
        try {
            read = Manifest.read(disk.engine(), FILES);
        } catch (HoltException e) {
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        String before = describe(read);
        try (Manifest manifest = Manifest.open(disk.engine(), FILES)) {
            assertThat(describe(manifest.state())).isEqualTo(before);
            manifest.publish(new ManifestEdit());
        }
        ManifestState after = Manifest.read(disk.engine(), FILES);
        assertThat(after.checkpoint()).isEqualTo(read.checkpoint() + 1);
        assertThat(describe(after)).isEqualTo(before);
        openStore(disk, after);
    }

    /** Places that the data file does not have, or has twice, are found when it is opened. */
    private static void openStore(SimulatedDisk disk, ManifestState state) {
        try {
            FileBlobStore.open(disk.engine(), FILES, state).close();
            assertThat(state.placesLength()).isLessThanOrEqualTo(state.nextBlobId());
        } catch (CorruptDataException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static String describe(ManifestState state) {
        StringBuilder text = new StringBuilder();
        text.append(state.storeId())
                .append(' ')
                .append(state.epoch())
                .append(' ')
                .append(state.replayLsn());
        text.append(' ')
                .append(state.logged())
                .append(' ')
                .append(state.nextBlobId())
                .append(' ');
        text.append(state.nextTreeId()).append(' ').append(state.trees());
        for (int blobId = 0; blobId < state.placesLength(); blobId++) {
            if (state.place(blobId) != ManifestState.NO_PLACE) {
                text.append(' ').append(blobId).append('@').append(state.place(blobId));
            }
        }
        return text.toString();
    }

    /** Makes checksums and places of records right, so that what comes after them is reached. */
    private static void seal(byte[] bytes) {
        if (bytes.length < ManifestDescriptor.FILE_HEADER_BYTES) {
            return;
        }
        ManifestDescriptor.putInt(bytes, ManifestDescriptor.HEADER_CRC_OFFSET, ManifestEncoder.headerCrc(bytes));
        long at = ManifestDescriptor.FILE_HEADER_BYTES;
        while (at + ManifestDescriptor.RECORD_HEADER_BYTES <= bytes.length) {
            int record = (int) at;
            int recordBytes = ManifestDescriptor.getInt(bytes, record + ManifestDescriptor.RECORD_BYTES_OFFSET);
            if (recordBytes < ManifestDescriptor.RECORD_HEADER_BYTES || recordBytes > bytes.length - record) {
                return;
            }
            ManifestDescriptor.putLong(bytes, record + ManifestDescriptor.SELF_OFFSET, at);
            ManifestDescriptor.putInt(
                    bytes,
                    record + ManifestDescriptor.RECORD_CRC_OFFSET,
                    ManifestEncoder.recordCrc(bytes, record, recordBytes));
            at += ManifestDescriptor.aligned(recordBytes);
        }
    }
}
