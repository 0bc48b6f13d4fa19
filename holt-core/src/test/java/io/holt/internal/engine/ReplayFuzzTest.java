package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.api.Snapshot;
import io.holt.internal.memory.AlignedBlobBuf;
import io.holt.internal.store.Manifest;
import io.holt.internal.store.StoreFiles;
import io.holt.internal.wal.WalConfig;
import io.holt.internal.wal.WalReader;
import io.holt.internal.wal.WalWriter;
import io.holt.testkit.SimulatedDisk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A log of whole records with any content, as a program with a fault would write it: the database opens, and again as
 * the same, or says by a typed error where the record is that makes no sense.
 *
 * <p>Real fuzzing: see Building in README.md.
 */
class ReplayFuzzTest {

    private static final Path DIRECTORY = Path.of("/db");
    private static final long SEGMENT_BYTES = 64 * 1024;
    private static final int MOST_BYTES = 1 << 14;
    private static final byte[] NAME = {'t'};
    private static final int CREATE_TREE = 4;

    /** The input: records, each a type, a tree id, a byte for the length of the key, two for that of the value. */
    @FuzzTest(maxDuration = "2m")
    void wholeRecordsAreAppliedOrRefused(byte[] input) {
        if (input.length > MOST_BYTES) {
            return;
        }
        SimulatedDisk disk = new SimulatedDisk();
        try (MemoryBudget budget = Holt.memory(HoltOptions.MIN_MEMORY_BYTES)) {
            HoltOptions options = HoltOptions.builder()
                    .memory(budget)
                    .durability(Durability.ASYNC)
                    .build();
            Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES).close();
            append(disk, input);
            CrashState first = open(disk, options);
            if (first != null) {
                assertThat(open(disk, options)).isEqualTo(first);
            }
            assertThat(budget.usedBytes()).isZero();
        }
    }

    /** What the database holds, or null if it is refused. */
    private static CrashState open(SimulatedDisk disk, HoltOptions options) {
        try (HoltDb db = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
                Snapshot snapshot = db.snapshot()) {
            return CrashState.of(snapshot);
        } catch (HoltException e) {
            assertThat(e.getMessage()).isNotBlank();
            return null;
        }
    }

    private static void append(SimulatedDisk disk, byte[] input) {
        var state = Manifest.read(disk.engine(), new StoreFiles(DIRECTORY));
        try (AlignedBlobBuf staging = AlignedBlobBuf.uninitialized()) {
            WalConfig config = new WalConfig(
                    state.storeId(), Durability.ASYNC, SEGMENT_BYTES, staging.address(), AlignedBlobBuf.BYTES);
            var end = WalReader.replay(
                    disk.engine(),
                    DIRECTORY,
                    state.storeId(),
                    state.replayLsn(),
                    (lsn, type, tree, key, keyAt, keyBytes, value, valueAt, valueBytes) -> {});
            try (WalWriter writer = WalWriter.open(disk.engine(), DIRECTORY, config, end)) {
                writer.append(CREATE_TREE, 1, NAME, 0, NAME.length, NAME, 0, 0);
                ByteBuffer in = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
                while (in.remaining() >= 5) {
                    int type = in.get();
                    int treeId = in.get();
                    int keyBytes = Math.min(in.get() & 0xFF, in.remaining() - 2);
                    if (keyBytes < 0) {
                        return;
                    }
                    int valueBytes = Math.min(in.getShort() & 0xFFFF, in.remaining() - keyBytes);
                    int at = in.position();
                    writer.append(type, treeId, input, at, keyBytes, input, at + keyBytes, valueBytes);
                    in.position(at + keyBytes + valueBytes);
                }
            }
        }
    }
}
