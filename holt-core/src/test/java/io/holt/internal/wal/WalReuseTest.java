package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.CorruptLogException;
import io.holt.api.Durability;
import io.holt.api.StoreFormatException;
import io.holt.internal.wal.WalModel.Entry;
import io.holt.testkit.OffHeap;
import io.holt.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Segments made of the files of earlier ones say their own records, and none of those that were there before. */
class WalReuseTest {

    private static final int SEGMENT_BYTES = 4096;
    private static final int STAGING_BYTES = 8192;

    private static WalConfig config(Durability durability, OffHeap staging) {
        return WalModel.config(durability, SEGMENT_BYTES, staging, STAGING_BYTES);
    }

    private static List<Path> spares(SimulatedDisk disk) {
        return disk.files().stream()
                .filter(file -> file.getFileName().toString().startsWith("log-spare-"))
                .toList();
    }

    /** Whether a segment of a log that is not closed was another one before. */
    private static boolean isReused(SimulatedDisk disk, long firstLsn) {
        byte[] content = disk.content(WalFiles.segment(WalModel.DIRECTORY, firstLsn));
        return SegmentDescriptor.isReused(Arrays.copyOf(content, SegmentDescriptor.HEADER_BYTES));
    }

    private static WalModel.Replayed replay(SimulatedDisk disk, long fromLsn) {
        return WalModel.replay(disk.engine(), WalModel.DIRECTORY, fromLsn);
    }

    @Property(tries = 60)
    void aLogOfReusedSegmentsIsFoundAgainAfterAnyEnd(@ForAll long seed) {
        Random random = new Random(seed);
        Durability durability = random.nextBoolean() ? Durability.SYNC : Durability.ASYNC;
        SimulatedDisk disk = new SimulatedDisk();
        List<Entry> model = new ArrayList<>();
        long keptFrom = 1;
        int durable = 0;
        boolean reused = false;
        try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalWriter writer =
                    WalWriter.open(disk.engine(), WalModel.DIRECTORY, config(durability, staging), WalEnd.none(1));
            for (int i = 0; i < 300; i++) {
                model.add(WalModel.append(writer, random, 500));
                writer.commit(model.getLast().lsn());
                durable = durability == Durability.SYNC ? model.size() : durable;
                reused |= isReused(
                        disk, WalFiles.list(disk.engine(), WalModel.DIRECTORY).getLast());
                switch (random.nextInt(30)) {
                    case 0, 1 -> {
                        keptFrom = Math.max(keptFrom, writer.nextLsn() - random.nextInt(20));
                        writer.sync();
                        writer.truncateBefore(keptFrom);
                        durable = model.size();
                    }
                    case 2 -> {
                        WalModel.Replayed killed = replay(disk.afterProcessDeath(), keptFrom);
                        assertThat(killed.entries()).isEqualTo(WalModel.from(model, keptFrom));
                        assertThat(killed.end().droppedBytes()).isZero();
                    }
                    case 3 -> {
                        List<Entry> found =
                                replay(disk.afterPowerLoss(random), keptFrom).entries();
                        List<Entry> all = WalModel.from(model, keptFrom);
                        assertThat(found).isEqualTo(all.subList(0, found.size()));
                        assertThat(found).hasSizeGreaterThanOrEqualTo((int) (durable + 1 - keptFrom));
                    }
                    case 4 -> {
                        disk = random.nextBoolean() ? disk.afterProcessDeath() : disk.afterPowerLoss(random);
                        WalModel.Replayed found = replay(disk, keptFrom);
                        model.subList((int) keptFrom - 1 + found.entries().size(), model.size())
                                .clear();
                        writer = WalWriter.open(
                                disk.engine(), WalModel.DIRECTORY, config(durability, staging), found.end());
                        assertThat(spares(disk)).isEmpty();
                        durable = model.size();
                    }
                    default -> {}
                }
            }
            writer.close();
            assertThat(replay(disk, keptFrom).entries()).isEqualTo(WalModel.from(model, keptFrom));
        }
        assertThat(spares(disk)).isEmpty();
        // A segment that a crash cut is not used again.
        Statistics.collect(reused);
        Statistics.coverage(all -> all.check(true).percentage(part -> part > 50));
    }

    /** The second generation of records, in files that hold the first behind it. */
    private static SimulatedDisk reused(List<Entry> model, boolean close) {
        SimulatedDisk disk = new SimulatedDisk();
        Random random = new Random(5);
        try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalWriter writer =
                    WalWriter.open(disk.engine(), WalModel.DIRECTORY, config(Durability.SYNC, staging), WalEnd.none(1));
            for (int i = 0; i < 20; i++) {
                byte[] value = new byte[700];
                random.nextBytes(value);
                writer.commit(writer.append(WalRecord.PUT, 5, value, 0, 9, value, 0, value.length));
            }
            long first = writer.nextLsn();
            writer.truncateBefore(first);
            while (!isReused(
                            disk,
                            WalFiles.list(disk.engine(), WalModel.DIRECTORY).getLast())
                    || model.size() % 8 != 0) {
                byte[] value = new byte[random.nextInt(300)];
                random.nextBytes(value);
                long lsn = writer.append(WalRecord.PUT, 5, value, 0, 0, value, 0, value.length);
                writer.commit(lsn);
                model.add(new Entry(
                        lsn, WalRecord.PUT, 5, WalModel.digest(value, 0, 0), WalModel.digest(value, 0, value.length)));
            }
            if (close) {
                writer.close();
            }
        }
        return disk;
    }

    @Test
    void withAnyBitFlippedAReusedSegmentIsWholeOrCalledDamaged() {
        for (boolean close : new boolean[] {true, false}) {
            List<Entry> model = new ArrayList<>();
            SimulatedDisk disk = reused(model, close);
            long from = model.getFirst().lsn();
            int reported = 0;
            Path segment = WalFiles.segment(
                    WalModel.DIRECTORY,
                    WalFiles.list(disk.engine(), WalModel.DIRECTORY).getLast());
            byte[] whole = disk.content(segment);
            Random random = new Random(7);
            for (int at = 0; at < whole.length; at++) {
                SimulatedDisk damaged = disk.afterProcessDeath();
                damaged.flip(segment, at, 1 << random.nextInt(8));
                try {
                    List<Entry> found = replay(damaged, from).entries();
                    assertThat(found.size())
                            .as("byte %d", at)
                            .isGreaterThanOrEqualTo(close ? model.size() : model.size() - 1);
                    assertThat(found).isEqualTo(model.subList(0, found.size()));
                } catch (CorruptLogException | StoreFormatException e) {
                    reported++;
                }
            }
            assertThat(reported).isPositive();
        }
    }

    @Test
    void spaceKeptForSegmentsIsGivenBackWhenAskedFor() {
        SimulatedDisk disk = new SimulatedDisk();
        byte[] value = new byte[1000];
        try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalWriter writer = WalWriter.open(
                    disk.engine(), WalModel.DIRECTORY, config(Durability.ASYNC, staging), WalEnd.none(1));
            for (int i = 0; i < 20; i++) {
                writer.commit(writer.append(WalRecord.PUT, 1, value, 0, 0, value, 0, value.length));
            }
            writer.truncateBefore(writer.nextLsn());
            assertThat(spares(disk)).hasSizeGreaterThan(3);
            // Nothing was written since: what comes next is likely to need none.
            writer.truncateBefore(writer.nextLsn());
            writer.truncateBefore(writer.nextLsn());
            assertThat(spares(disk)).isEmpty();
            for (int i = 0; i < 20; i++) {
                writer.commit(writer.append(WalRecord.PUT, 1, value, 0, 0, value, 0, value.length));
            }
            writer.truncateBefore(writer.nextLsn());
            assertThat(spares(disk)).isNotEmpty();
            writer.releaseSpares();
            assertThat(spares(disk)).isEmpty();
            writer.close();
        }
    }

    @Test
    void nothingIsReadOfAPageThatIsWrittenInPart() {
        List<Entry> model = new ArrayList<>();
        SimulatedDisk disk = reused(model, false);
        byte[] content = disk.content(WalFiles.segment(
                WalModel.DIRECTORY,
                WalFiles.list(disk.engine(), WalModel.DIRECTORY).getLast()));
        WalEnd end = replay(disk, model.getFirst().lsn()).end();
        assertThat(end.offset()).isLessThan(content.length);
        for (int at = (int) end.offset(); at < content.length; at++) {
            assertThat(content[at]).as("byte %d, behind the records", at).isZero();
        }
    }

    @Test
    @Timeout(60)
    void aSpareIsWrittenAsAWholeForALogThatIsSynced() {
        for (Durability durability : new Durability[] {Durability.SYNC, Durability.ASYNC}) {
            boolean synced = durability == Durability.SYNC;
            SimulatedDisk disk = new SimulatedDisk();
            AtomicInteger writes = new AtomicInteger();
            AtomicInteger syncs = new AtomicInteger();
            disk.fault((call, path, number) -> {
                if (path.getFileName().toString().startsWith("log-spare-")) {
                    writes.addAndGet(call == SimulatedDisk.Call.WRITE ? 1 : 0);
                    syncs.addAndGet(call == SimulatedDisk.Call.SYNC ? 1 : 0);
                }
            });
            try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
                WalConfig config = WalModel.config(durability, 4 << 20, staging, STAGING_BYTES);
                WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(1));
                // 16 times 256 KiB, each synced.
                while (synced ? syncs.get() < 16 : spares(disk).size() < 4) {
                    assertThat(Thread.interrupted()).isFalse();
                }
                assertThat(writes.get() > 0).isEqualTo(synced);
                assertThat(syncs.get()).isEqualTo(synced ? 16 : 0);
                writer.close();
            }
        }
    }
}
