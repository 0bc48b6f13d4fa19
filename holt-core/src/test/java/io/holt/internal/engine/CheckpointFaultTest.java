package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.internal.store.StoreFiles;
import io.holt.testkit.SimulatedDisk;
import io.holt.testkit.SimulatedDisk.Call;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * A checkpoint of more frames than are written at a time, each of whose writes fails once: it fails too, and the
 * checkpoint before is what is found (I4).
 */
class CheckpointFaultTest {

    private static final Path DIRECTORY = Path.of("/db");
    private static final Path DATA = new StoreFiles(DIRECTORY).data();
    private static final long SEGMENT_BYTES = 1 << 20;

    /** Enough for a checkpoint to write some frames while it copies others. */
    private static final long BUDGET_BYTES = 96L << 20;

    private static final int VALUES = 9;
    private static final int VALUE_BYTES = 400_000;

    @Test
    void aFailedWriteOfAnyFrameFailsTheCheckpoint() {
        try (MemoryBudget budget = Holt.memory(BUDGET_BYTES)) {
            HoltOptions options = HoltOptions.builder()
                    .memory(budget)
                    .durability(Durability.NONE)
                    .checkpointDirtyBytes(0)
                    .checkpointAge(Duration.ZERO)
                    .build();
            int writes = 0;
            while (checkpointWithFailedWrite(options, writes)) {
                writes++;
                assertThat(budget.usedBytes()).isZero();
            }
            assertThat(writes).isGreaterThanOrEqualTo(VALUES);
        }
    }

    /** Returns whether there was a write of this number. */
    private static boolean checkpointWithFailedWrite(HoltOptions options, int failing) {
        SimulatedDisk disk = new SimulatedDisk();
        HoltDb db = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
        fill(db, (byte) 1);
        db.checkpoint();
        fill(db, (byte) 2);
        AtomicInteger writes = new AtomicInteger();
        disk.fault((call, path, number) -> {
            if (call == Call.WRITE && path.equals(DATA) && writes.getAndIncrement() == failing) {
                throw new HoltIoException("EIO");
            }
        });
        boolean failed = false;
        try {
            db.checkpoint();
        } catch (HoltIoException e) {
            assertThat(e).hasMessageContaining("EIO");
            failed = true;
        }
        assertThat(failed).isEqualTo(writes.get() > failing);
        if (failed) {
            assertThatThrownBy(() -> fill(db, (byte) 3)).isInstanceOf(HoltIoException.class);
        }
        db.close();
        try (HoltDb found = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES)) {
            for (int i = 0; i < VALUES; i++) {
                byte[] value = found.tree("t").get(key(i));
                assertThat(value).hasSize(VALUE_BYTES).containsOnly(failed ? 1 : 2);
            }
        }
        return failed;
    }

    private static void fill(HoltDb db, byte fill) {
        byte[] value = new byte[VALUE_BYTES];
        Arrays.fill(value, fill);
        for (int i = 0; i < VALUES; i++) {
            db.tree("t").put(key(i), value);
        }
    }

    private static byte[] key(int number) {
        return ("key-" + number).getBytes(StandardCharsets.UTF_8);
    }
}
