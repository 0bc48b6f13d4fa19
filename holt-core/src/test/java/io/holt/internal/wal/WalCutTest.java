package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Durability;
import io.holt.api.HoltIoException;
import io.holt.internal.io.IoEngine;
import io.holt.testkit.OffHeap;
import io.holt.testkit.SimulatedDisk;
import io.holt.testkit.SimulatedDisk.Call;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which segments there are: what is needed stays, whatever names a loss of power takes, and no more than that. */
class WalCutTest {

    private static final int SEGMENT_BYTES = 4096;
    private static final int STAGING_BYTES = 8192;
    private static final byte[] KEY = {'k', 'e', 'y'};
    private static final byte[] VALUE = new byte[1000];

    /** Appends a record; returns its LSN. */
    private static long append(WalWriter writer) {
        long lsn = writer.append(WalRecord.PUT, 1, KEY, 0, KEY.length, VALUE, 0, VALUE.length);
        writer.commit(lsn);
        return lsn;
    }

    private static WalWriter open(IoEngine engine, WalConfig config, WalEnd end) {
        return WalWriter.open(engine, WalModel.DIRECTORY, config, end);
    }

    private static WalEnd replay(SimulatedDisk disk, long fromLsn) {
        return WalModel.replay(disk.engine(), WalModel.DIRECTORY, fromLsn).end();
    }

    @ParameterizedTest
    @EnumSource(
            value = Durability.class,
            names = {"ASYNC", "SYNC"})
    void theNewestSegmentHasItsNameBeforeThoseBeforeItLoseTheirs(Durability durability) {
        SimulatedDisk disk = new SimulatedDisk();
        try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalConfig config = WalModel.config(durability, SEGMENT_BYTES, staging, STAGING_BYTES);
            WalWriter writer = open(disk.engine(), config, WalEnd.none(1));
            for (int i = 0; i < 20; i++) {
                append(writer);
            }
            long next = writer.nextLsn();
            assertThat(WalFiles.list(disk.engine(), WalModel.DIRECTORY)).hasSizeGreaterThan(5);
            writer.truncateBefore(next);
            assertThat(WalFiles.list(disk.engine(), WalModel.DIRECTORY)).hasSize(1);
            for (int seed = 0; seed < 50; seed++) {
                assertThat(replay(disk.afterPowerLoss(new Random(seed)), next).nextLsn())
                        .isEqualTo(next);
            }
            writer.close();
        }
    }

    /** Nothing is committed, so the names of some segments are not durable. */
    private static WalWriter openWithUnsyncedNames(SimulatedDisk disk, WalConfig config) {
        WalWriter writer = open(disk.engine(), config, WalEnd.none(1));
        for (int i = 0; i < 9; i++) {
            writer.append(WalRecord.PUT, 1, KEY, 0, KEY.length, VALUE, 0, VALUE.length);
        }
        return writer;
    }

    @Test
    void whenNamesCannotBeMadeDurableNothingIsCutAndNothingWritten() {
        SimulatedDisk disk = new SimulatedDisk();
        try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalConfig config = WalModel.config(Durability.SYNC, SEGMENT_BYTES, staging, STAGING_BYTES);
            WalWriter writer = openWithUnsyncedNames(disk, config);
            int segments = WalFiles.list(disk.engine(), WalModel.DIRECTORY).size();
            disk.failOnce(Call.DIRECTORY_SYNC, 0, "EIO");
            assertThatThrownBy(() -> writer.truncateBefore(writer.nextLsn()))
                    .isInstanceOf(HoltIoException.class)
                    .hasMessageContaining("EIO");
            assertThat(WalFiles.list(disk.engine(), WalModel.DIRECTORY)).hasSize(segments);
            assertThatThrownBy(() -> append(writer)).isInstanceOf(HoltIoException.class);
            writer.close();
        }
    }

    /** A checkpoint may be under way already when the log fails. */
    @Test
    void nothingIsCutAfterNamesCouldNotBeMadeDurable() {
        SimulatedDisk disk = new SimulatedDisk();
        try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalConfig config = WalModel.config(Durability.SYNC, SEGMENT_BYTES, staging, STAGING_BYTES);
            WalWriter writer = openWithUnsyncedNames(disk, config);
            int segments = WalFiles.list(disk.engine(), WalModel.DIRECTORY).size();
            disk.failOnce(Call.DIRECTORY_SYNC, 0, "EIO");
            assertThatThrownBy(writer::sync).isInstanceOf(HoltIoException.class).hasMessageContaining("EIO");
            writer.truncateBefore(writer.nextLsn());
            assertThat(WalFiles.list(disk.engine(), WalModel.DIRECTORY)).hasSize(segments);
            writer.close();
        }
    }

    @Test
    void openingAndClosingAloneMakesALogNoLonger() {
        SimulatedDisk disk = new SimulatedDisk();
        try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalConfig config = WalModel.config(Durability.ASYNC, SEGMENT_BYTES, staging, STAGING_BYTES);
            WalWriter first = open(disk.engine(), config, WalEnd.none(1));
            append(first);
            first.close();
            open(disk.engine(), config, replay(disk, 1)).close();
            int segments = WalFiles.list(disk.engine(), WalModel.DIRECTORY).size();
            for (int i = 0; i < 10; i++) {
                open(disk.engine(), config, replay(disk, 1)).close();
            }
            assertThat(WalFiles.list(disk.engine(), WalModel.DIRECTORY)).hasSize(segments);
            WalWriter last = open(disk.engine(), config, replay(disk, 1));
            append(last);
            last.close();
            assertThat(WalModel.replay(disk.engine(), WalModel.DIRECTORY, 1).entries())
                    .hasSize(2);
        }
    }
}
