package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.InvalidOptionException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that nobody asks for: by changed bytes, by the length of the log, by age; and none without a reason. */
@Timeout(300)
class CheckpointScheduleTest {

    @TempDir
    private Path directory;

    private static HoltOptions.Builder options() {
        return HoltOptions.builder().memoryBytes(64L << 20).checkpointLogBytes(0);
    }

    @Test
    void changedBytesCallForACheckpoint() {
        try (HoltDb db =
                Holt.open(directory, options().checkpointDirtyBytes(1L << 20).build())) {
            long before = db.stats().checkpoints();
            fill(db, 4000);
            await(db, before);
        }
    }

    @Test
    void aLongLogCallsForACheckpoint() {
        HoltOptions options = options()
                .checkpointLogBytes(HoltOptions.MIN_CHECKPOINT_LOG_BYTES)
                .build();
        try (HoltDb db = Holt.open(directory, options)) {
            long before = db.stats().checkpoints();
            for (int i = 0; i < 20_000; i++) {
                db.tree("tree").put(bytes("key-" + i % 100), new byte[1000]);
            }
            await(db, before);
        }
    }

    @Test
    void anOldChangeCallsForACheckpointAlsoWithoutALog() {
        HoltOptions options = options()
                .durability(Durability.NONE)
                .checkpointAge(Duration.ofMillis(20))
                .build();
        try (HoltDb db = Holt.open(directory, options)) {
            for (int i = 0; i < 3; i++) {
                long before = db.stats().checkpoints();
                fill(db, 1);
                await(db, before);
            }
        }
    }

    @Test
    void withoutAReasonThereIsNone() {
        HoltOptions patient = options()
                .checkpointDirtyBytes(32L << 20)
                .checkpointLogBytes(HoltOptions.DEFAULT_CHECKPOINT_LOG_BYTES)
                .checkpointAge(Duration.ofHours(1))
                .build();
        HoltOptions hasty = options().checkpointAge(Duration.ofMillis(10)).build();
        try (HoltDb db = Holt.open(directory.resolve("a"), patient);
                HoltDb none = Holt.open(directory.resolve("b"), options().build());
                HoltDb clock = Holt.open(directory.resolve("c"), hasty)) {
            long before = db.stats().checkpoints();
            fill(db, 3000);
            fill(none, 3000);
            // Twenty checkpoints of another database later.
            for (int i = 0; i < 20; i++) {
                long checkpoints = clock.stats().checkpoints();
                fill(clock, 1);
                await(clock, checkpoints);
            }
            assertThat(db.stats().checkpoints()).isEqualTo(before);
            assertThat(none.stats().checkpoints()).isEqualTo(before);
        }
    }

    @Test
    void impossibleReasonsAreRefused() {
        assertThatThrownBy(() -> options().checkpointDirtyBytes(-1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options().checkpointDirtyBytes(1000)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options().checkpointLogBytes(-1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options().checkpointLogBytes(1 << 20)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options().checkpointAge(Duration.ofMillis(-1)))
                .isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options().checkpointAge(Duration.ofMillis(1)))
                .isInstanceOf(InvalidOptionException.class);
    }

    private static void fill(HoltDb db, int records) {
        for (int i = 0; i < records; i++) {
            db.tree("tree").put(bytes("key-" + i), new byte[1000]);
        }
    }

    /** Returns when there was another checkpoint; else the test runs into its timeout. */
    private static void await(HoltDb db, long before) {
        while (db.stats().checkpoints() == before) {
            Thread.onSpinWait();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
