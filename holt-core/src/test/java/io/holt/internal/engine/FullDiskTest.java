package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.api.MemoryBudgetException;
import io.holt.internal.store.StoreFiles;
import io.holt.testkit.SimulatedDisk;
import io.holt.testkit.SimulatedDisk.Call;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No room for data, log or manifest: nothing acknowledged is lost, and with room it goes on (I3, I4). */
class FullDiskTest {

    private static final Path DIRECTORY = Path.of("/db");
    private static final StoreFiles FILES = new StoreFiles(DIRECTORY);
    private static final long SEGMENT_BYTES = 16 * 1024;
    private static final int VALUE_BYTES = 3000;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final MemoryBudget budget = Holt.memory(32L << 20);
    private int acknowledged;

    @AfterEach
    void nothingIsLeftInUse() {
        assertThat(budget.usedBytes()).isZero();
        budget.close();
    }

    private HoltDb open(Durability durability) {
        HoltOptions options = HoltOptions.builder()
                .memory(budget)
                .durability(durability)
                .checkpointDirtyBytes(0)
                .checkpointLogBytes(0)
                .checkpointAge(Duration.ZERO)
                .build();
        return Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
    }

    private static byte[] key(int number) {
        return ("key-" + number).getBytes(StandardCharsets.UTF_8);
    }

    private void put(HoltDb db) {
        db.tree("t").put(key(acknowledged), new byte[VALUE_BYTES]);
        acknowledged++;
    }

    private void fullFor(Predicate<Path> file) {
        disk.fault((call, path, number) -> {
            if ((call == Call.WRITE || call == Call.RESIZE) && file.test(path)) {
                throw new HoltIoException("ENOSPC: the disk is full", null, true);
            }
        });
    }

    private void thereIsRoom() {
        disk.fault((call, path, number) -> {});
    }

    private void assertAllAreThere(HoltDb db) {
        for (int i = 0; i < acknowledged; i++) {
            assertThat(db.tree("t").get(key(i))).as("record %d", i).hasSize(VALUE_BYTES);
        }
    }

    @Test
    void memoryThatIsFullBecauseTheDiskIsSaysSoAndWritingGoesOnWhenThereIsRoom() {
        try (HoltDb db = open(Durability.ASYNC)) {
            fullFor(FILES.data()::equals);
            MemoryBudgetException refused = catchThrowableOfType(MemoryBudgetException.class, () -> {
                while (true) {
                    put(db);
                }
            });
            assertThat(refused).hasMessageContaining("ENOSPC").hasCauseInstanceOf(HoltIoException.class);
            thereIsRoom();
            int before = acknowledged;
            while (acknowledged < before + 1000) {
                put(db);
            }
            assertAllAreThere(db);
        }
        try (HoltDb db = open(Durability.ASYNC)) {
            assertAllAreThere(db);
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void noRoomForDataFailsTheCheckpointAndWritingGoesOn(Durability durability) {
        try (HoltDb db = open(durability)) {
            put(db);
            db.checkpoint();
            put(db);
            fullFor(FILES.data()::equals);
            assertThat(catchThrowableOfType(HoltIoException.class, db::checkpoint)
                            .isOutOfSpace())
                    .isTrue();
            put(db);
            assertAllAreThere(db);
            thereIsRoom();
            db.checkpoint();
            put(db);
        }
        try (HoltDb db = open(durability)) {
            assertAllAreThere(db);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Durability.class,
            names = {"ASYNC", "SYNC"})
    void noRoomForTheLogRefusesWritesAndLosesNothing(Durability durability) {
        HoltDb db = open(durability);
        put(db);
        fullFor(file -> file.toString().endsWith(".wal"));
        HoltIoException first = catchThrowableOfType(HoltIoException.class, () -> {
            // A segment is filled before the next one lacks room.
            for (int i = 0; i < 10; i++) {
                put(db);
            }
        });
        assertThat(first).hasMessageContaining("ENOSPC");
        assertAllAreThere(db);
        thereIsRoom();
        assertThatThrownBy(() -> put(db)).isInstanceOf(HoltIoException.class).hasStackTraceContaining("ENOSPC");
        assertAllAreThere(db);
        db.close();
        try (HoltDb again = open(durability)) {
            assertAllAreThere(again);
            put(again);
            assertAllAreThere(again);
        }
    }

    @Test
    void noRoomForTheManifestRefusesWritesAndLosesNothing() {
        HoltDb db = open(Durability.SYNC);
        put(db);
        db.checkpoint();
        put(db);
        fullFor(FILES.manifest()::equals);
        assertThatThrownBy(db::checkpoint).isInstanceOf(HoltIoException.class).hasMessageContaining("ENOSPC");
        assertThatThrownBy(() -> put(db)).isInstanceOf(HoltIoException.class);
        assertAllAreThere(db);
        thereIsRoom();
        db.close();
        try (HoltDb again = open(Durability.SYNC)) {
            assertAllAreThere(again);
            put(again);
            again.checkpoint();
        }
        try (HoltDb again = open(Durability.SYNC)) {
            assertAllAreThere(again);
        }
    }

    @Test
    void openingWithoutRoomFailsAndHarmsNothing() {
        try (HoltDb db = open(Durability.SYNC)) {
            put(db);
        }
        fullFor(file -> true);
        assertThat(catchThrowableOfType(HoltIoException.class, () -> open(Durability.SYNC))
                        .isOutOfSpace())
                .isTrue();
        thereIsRoom();
        try (HoltDb db = open(Durability.SYNC)) {
            assertAllAreThere(db);
        }
    }
}
