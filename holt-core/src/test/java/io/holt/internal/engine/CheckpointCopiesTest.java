package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import io.holt.internal.store.StoreFiles;
import io.holt.testkit.SimulatedDisk;
import io.holt.testkit.SimulatedDisk.Call;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Records change in frames that a checkpoint has yet to write: it has them as they were when it began (I5), and what is
 * kept for it alone goes as soon as it is written.
 */
@Timeout(300)
class CheckpointCopiesTest {

    private static final Path DIRECTORY = Path.of("/db");
    private static final Path DATA = new StoreFiles(DIRECTORY).data();
    private static final long SEGMENT_BYTES = 1 << 20;

    /** A checkpoint writes three frames of it at a time. */
    private static final long BUDGET_BYTES = 96L << 20;

    private static final int AT_A_TIME = 3;
    private static final int RECORDS = 20_000;
    private static final int VALUE_BYTES = 1000;
    private static final int LEAST_FRAMES = 20;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void copiesLiveUntilTheyAreWritten(boolean seenBySnapshot) {
        SimulatedDisk disk = new SimulatedDisk();
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(BUDGET_BYTES)
                .durability(Durability.NONE)
                .checkpointDirtyBytes(0)
                .checkpointAge(Duration.ZERO)
                .build();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger writes = new AtomicInteger();
        AtomicInteger changes = new AtomicInteger();
        HoltDb db = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
        HoltTree tree = db.tree("t");
        fill(tree, (byte) 1);
        Snapshot snapshot = seenBySnapshot ? db.snapshot() : null;
        Random random = new Random(3);
        disk.fault((call, path, number) -> {
            // A frame may take two writes.
            if (call == Call.WRITE && path.equals(DATA) && writes.incrementAndGet() % 2 == 0) {
                tree.put(key(random.nextInt(RECORDS)), value((byte) 2));
                changes.incrementAndGet();
                most.accumulateAndGet(Math.toIntExact(db.stats().preImages()), Math::max);
            }
        });
        db.checkpoint();
        disk.fault((call, path, number) -> {});
        assertThat(changes).hasValueGreaterThanOrEqualTo(LEAST_FRAMES);
        if (snapshot == null) {
            // One for each frame of two halves of the buffers, and of the one that is being filled again.
            assertThat(most).hasValueBetween(1, 3 * AT_A_TIME);
            assertThat(db.stats().preImages()).isZero();
        } else {
            assertAll(snapshot.tree("t"), (byte) 1);
            assertThat(db.stats().preImages()).isPositive();
            snapshot.close();
            assertThat(db.stats().preImages()).isZero();
        }
        try (HoltDb found = Opening.open(disk.afterProcessDeath().engine(), DIRECTORY, options, SEGMENT_BYTES)) {
            assertAll(found.tree("t"), (byte) 1);
        }
        db.close();
    }

    private static void fill(HoltTree tree, byte fill) {
        for (int i = 0; i < RECORDS; i++) {
            tree.put(key(i), value(fill));
        }
    }

    private static void assertAll(TreeView tree, byte fill) {
        byte[] expected = value(fill);
        for (int i = 0; i < RECORDS; i++) {
            assertThat(tree.get(key(i))).isEqualTo(expected);
        }
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private static byte[] value(byte fill) {
        byte[] value = new byte[VALUE_BYTES];
        Arrays.fill(value, fill);
        return value;
    }
}
