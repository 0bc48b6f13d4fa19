package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.MemoryBudgetException;
import io.holt.api.TreeView;
import io.holt.testkit.SimulatedDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is written together: durable when the call returns, and each for itself if one of them fails. */
class PutManyTest {

    private static final Path DIRECTORY = Path.of("/store");
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int MANY = 100;

    @Test
    void whatIsAcknowledgedSurvivesAPowerLoss() {
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(16 << 20)
                .durability(Durability.SYNC)
                .checkpointLogBytes(0)
                .build();
        SimulatedDisk disk = new SimulatedDisk();
        SimulatedDisk afterPut;
        SimulatedDisk afterRemoval;
        HoltDb db = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
        try {
            HoltTree tree = db.tree("data");
            db.checkpoint();
            long syncs = disk.syncs();
            long logSyncs = db.stats().logSyncs();
            tree.putMany(keys(), values(1), MANY);
            assertThat(disk.syncs()).as("the log is waited for once").isEqualTo(syncs + 1);
            assertThat(db.stats().logSyncs()).isEqualTo(logSyncs + 1);
            afterPut = disk.afterPowerLoss(new Random(1));
            tree.putMany(keys(), new byte[MANY][], MANY / 2);
            afterRemoval = disk.afterPowerLoss(new Random(2));
        } finally {
            db.close();
        }
        try (HoltDb found = Opening.open(afterPut.engine(), DIRECTORY, options, SEGMENT_BYTES)) {
            assertThat(found.tree("data").stats().records()).isEqualTo(MANY);
            assertThat(found.tree("data").get(keys()[MANY - 1])).isEqualTo(values(1)[MANY - 1]);
        }
        try (HoltDb found = Opening.open(afterRemoval.engine(), DIRECTORY, options, SEGMENT_BYTES)) {
            assertThat(found.tree("data").stats().records()).isEqualTo(MANY - MANY / 2);
        }
    }

    @Test
    void whatComesBeforeAFailureIsDone() {
        try (HoltDb db =
                Holt.inMemory(HoltOptions.builder().memoryBytes(16 << 20).build())) {
            HoltTree tree = db.tree("data");
            byte[][] values = values(50_000);
            values[40] = new byte[20 << 20];
            assertThatThrownBy(() -> tree.putMany(keys(), values, MANY)).isInstanceOf(MemoryBudgetException.class);
            assertThat(tree.stats().records()).isEqualTo(40);
            assertThat(tree.get(keys()[39])).isEqualTo(values[39]);
        }
    }

    @Test
    void whatIsWrongIsRefusedBeforeAnythingIsChanged() {
        try (HoltDb db =
                Holt.inMemory(HoltOptions.builder().memoryBytes(16 << 20).build())) {
            HoltTree tree = db.tree("data");
            byte[][] keys = keys();
            keys[MANY - 1] = new byte[TreeView.MAX_KEY_BYTES + 1];
            assertThatThrownBy(() -> tree.putMany(keys, values(1), MANY)).isInstanceOf(KeyTooLongException.class);
            assertThatThrownBy(() -> tree.putMany(keys(), new byte[MANY - 1][1], MANY))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(tree.stats().records()).isZero();
            tree.putMany(keys, values(1), 0);
            tree.putMany(keys, values(1), 1);
            assertThat(tree.stats().records()).isEqualTo(1);
        }
    }

    private static byte[][] keys() {
        byte[][] keys = new byte[MANY][];
        for (int i = 0; i < MANY; i++) {
            keys[i] = ("key" + i).getBytes(StandardCharsets.US_ASCII);
        }
        return keys;
    }

    private static byte[][] values(int bytes) {
        byte[][] values = new byte[MANY][bytes];
        for (int i = 0; i < MANY; i++) {
            values[i][0] = (byte) i;
        }
        return values;
    }
}
