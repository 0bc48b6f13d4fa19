package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.api.Snapshot;
import io.holt.testkit.SimulatedDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every byte of a small store, damaged alone: the damage is reported, or does no harm (I6). */
class StoreDamageTest {

    private static final Path DIRECTORY = Path.of("/db");
    private static final long SEGMENT_BYTES = 4096;
    private static final int PAGE_BYTES = 4096;

    private final List<CrashState> states = new ArrayList<>();

    @Test
    void aFlippedBitOfAClosedStoreIsReportedOrDoesNoHarm() {
        flipAll(true);
    }

    @Test
    void aFlippedBitOfAStoreWhoseProcessDiedIsReportedOrDoesNoHarm() {
        flipAll(false);
    }

    private void flipAll(boolean close) {
        try (MemoryBudget budget = Holt.memory(8L << 20)) {
            SimulatedDisk disk = written(budget, close);
            HoltOptions reading =
                    HoltOptions.builder().memory(budget).readOnly(true).build();
            CrashState whole = states.getLast();
            assertThat(read(disk, reading)).isEqualTo(whole);
            int flips = 0;
            int reported = 0;
            for (Path file : disk.files()) {
                if (!close && file.endsWith("holt.data")) {
                    // The same bytes as in the other test.
                    continue;
                }
                for (int page : disk.writtenPages(file)) {
                    int end = page + (file.toString().contains("wal") ? 1500 : PAGE_BYTES);
                    for (int at = page; at < end; at++) {
                        int mask = 1 << (at * 31 % 8);
                        disk.flip(file, at, mask);
                        reported += isReported(disk, reading, close, file + " at " + at) ? 1 : 0;
                        disk.flip(file, at, mask);
                        flips++;
                    }
                }
            }
            assertThat(reported).as("of %d", flips).isGreaterThan(close ? flips / 4 : 400);
            assertThat(budget.usedBytes()).isZero();
        }
    }

    private boolean isReported(SimulatedDisk disk, HoltOptions reading, boolean close, String where) {
        CrashState found;
        try {
            found = read(disk, reading);
        } catch (HoltException e) {
            assertThat(e.getMessage()).as(where).isNotBlank();
            return true;
        }
        // The newest record of a log that nobody closed may pass for one that was never finished.
        boolean harmless = found.equals(states.getLast()) || (!close && found.equals(states.get(states.size() - 2)));
        assertThat(harmless).as("%s: found %s", where, found).isTrue();
        return false;
    }

    private static CrashState read(SimulatedDisk disk, HoltOptions reading) {
        try (HoltDb db = Opening.open(disk.engine(), DIRECTORY, reading, SEGMENT_BYTES);
                Snapshot snapshot = db.snapshot()) {
            return CrashState.of(snapshot);
        }
    }

    /** A data file of a few pages, a manifest of several records, and a log. */
    private SimulatedDisk written(MemoryBudget budget, boolean close) {
        SimulatedDisk disk = new SimulatedDisk();
        HoltOptions options =
                HoltOptions.builder().memory(budget).durability(Durability.SYNC).build();
        HoltDb db = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
        for (int i = 0; i < 20; i++) {
            db.tree("tree").put(bytes("key-" + i), bytes("value of number " + i));
            if (i == 13) {
                db.checkpoint();
            }
        }
        note(db);
        db.tree("tree").put(bytes("key-0"), bytes("another value"));
        note(db);
        db.tree("tree").delete(bytes("key-1"));
        note(db);
        SimulatedDisk found = disk.afterProcessDeath();
        if (close) {
            db.close();
            return disk;
        }
        disk.crashAfter(0);
        try {
            db.close();
        } catch (SimulatedDisk.Crash | HoltException e) {
            assertThat(db.isClosed()).isTrue();
        }
        return found;
    }

    private void note(HoltDb db) {
        try (Snapshot snapshot = db.snapshot()) {
            states.add(CrashState.of(snapshot));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
