package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CorruptLogException;
import io.holt.api.Durability;
import io.holt.api.StoreFormatException;
import io.holt.internal.wal.WalModel.Entry;
import io.holt.testkit.OffHeap;
import io.holt.testkit.SimulatedDisk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a log says when it is cut, damaged, or found after a crash. */
class WalDamageTest {

    private static final int SEGMENT_BYTES = 4096;

    /** Four segments of synced records; the last one is closed or left as by a process that died. */
    private static SimulatedDisk written(List<Entry> model, boolean close) {
        SimulatedDisk disk = new SimulatedDisk();
        Random random = new Random(3);
        try (OffHeap staging = new OffHeap(4096)) {
            WalConfig config = WalModel.config(Durability.SYNC, SEGMENT_BYTES, staging, 4096);
            WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(1));
            while (WalFiles.list(disk.engine(), WalModel.DIRECTORY).size() < 3 || model.size() % 7 != 0) {
                byte[] key = new byte[random.nextInt(60)];
                random.nextBytes(key);
                byte[] value = new byte[random.nextInt(300)];
                random.nextBytes(value);
                long lsn = writer.append(WalRecord.PUT, 5, key, 0, key.length, value, 0, value.length);
                writer.commit(lsn);
                model.add(new Entry(
                        lsn,
                        WalRecord.PUT,
                        5,
                        WalModel.digest(key, 0, key.length),
                        WalModel.digest(value, 0, value.length)));
            }
            if (close) {
                writer.close();
            }
        }
        return disk;
    }

    private static SimulatedDisk with(SimulatedDisk disk, long firstLsn, byte[] content) {
        SimulatedDisk copy = disk.afterProcessDeath();
        copy.put(WalFiles.segment(WalModel.DIRECTORY, firstLsn), content);
        return copy;
    }

    private static List<Long> segments(SimulatedDisk disk) {
        return WalFiles.list(disk.engine(), WalModel.DIRECTORY);
    }

    @Test
    void cutAtEveryByteTheLastSegmentGivesThePrefixThatIsWhole() {
        List<Entry> model = new ArrayList<>();
        SimulatedDisk disk = written(model, false);
        long last = segments(disk).getLast();
        byte[] whole = disk.content(WalFiles.segment(WalModel.DIRECTORY, last));
        int previous = -1;
        for (int length = 0; length < whole.length; length++) {
            SimulatedDisk cut = with(disk, last, Arrays.copyOf(whole, length));
            WalModel.Replayed replayed = WalModel.replay(cut.engine(), WalModel.DIRECTORY, 1);
            assertThat(replayed.entries())
                    .isEqualTo(model.subList(0, replayed.entries().size()));
            assertThat(replayed.entries().size())
                    .isBetween(Math.max(previous, (int) last - 1), previous < 0 ? (int) last - 1 : previous + 1);
            previous = replayed.entries().size();
            if (length % 40 == 0) {
                goOn(cut, replayed);
            }
        }
        assertThat(previous).isEqualTo(model.size());
    }

    /** A log with an end that was cut off takes new records, and says those and no others. */
    private static void goOn(SimulatedDisk disk, WalModel.Replayed found) {
        List<Entry> model = new ArrayList<>(found.entries());
        try (OffHeap staging = new OffHeap(4096)) {
            WalConfig config = WalModel.config(Durability.SYNC, SEGMENT_BYTES, staging, 4096);
            WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, found.end());
            for (int i = 0; i < 5; i++) {
                model.add(WalModel.append(writer, new Random(100 + i), 200));
                writer.commit(model.getLast().lsn());
            }
            SimulatedDisk lost = disk.afterPowerLoss(new Random(1));
            assertThat(WalModel.replay(lost.engine(), WalModel.DIRECTORY, 1).entries())
                    .isEqualTo(model);
        }
    }

    /** A deletion that was not durable is undone by a loss of power, maybe of some segments only. */
    @Test
    void segmentsThatComeBackAreDeletedAndNotRead() {
        List<Entry> model = new ArrayList<>();
        SimulatedDisk disk = written(model, true);
        List<Long> all = segments(disk);
        assertThat(all).hasSizeGreaterThan(2);
        long needed = all.getLast();
        // The one in the middle does not come back.
        disk.engine().delete(WalFiles.segment(WalModel.DIRECTORY, all.get(1)));
        WalModel.Replayed replayed = WalModel.replay(disk.engine(), WalModel.DIRECTORY, needed);
        assertThat(replayed.entries()).isEqualTo(WalModel.from(model, needed));
        try (OffHeap staging = new OffHeap(4096)) {
            WalConfig config = WalModel.config(Durability.SYNC, SEGMENT_BYTES, staging, 4096);
            WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, replayed.end());
            assertThat(segments(disk)).startsWith(needed);
            List<Long> read = new ArrayList<>();
            writer.readBack(1, (lsn, type, treeId, key, keyAt, keyBytes, value, valueAt, valueBytes) -> read.add(lsn));
            assertThat(read).hasSize(replayed.entries().size()).startsWith(needed);
            writer.close();
        }
    }

    @Test
    void withAnyBitFlippedTheLogIsWholeOrCalledDamaged() {
        for (boolean close : new boolean[] {true, false}) {
            List<Entry> model = new ArrayList<>();
            SimulatedDisk disk = written(model, close);
            int reported = 0;
            int bits = 0;
            for (long firstLsn : segments(disk)) {
                byte[] whole = disk.content(WalFiles.segment(WalModel.DIRECTORY, firstLsn));
                Random random = new Random(firstLsn);
                for (int at = 0; at < whole.length; at++) {
                    byte[] damaged = whole.clone();
                    damaged[at] ^= (byte) (1 << random.nextInt(8));
                    bits++;
                    try {
                        List<Entry> found = WalModel.replay(
                                        with(disk, firstLsn, damaged).engine(), WalModel.DIRECTORY, 1)
                                .entries();
                        // Only of the newest record may it be said that it was never finished, and not after closing.
                        int least = close ? model.size() : model.size() - 1;
                        assertThat(found.size())
                                .as("segment %d byte %d", firstLsn, at)
                                .isGreaterThanOrEqualTo(least);
                        assertThat(found).isEqualTo(model.subList(0, found.size()));
                    } catch (CorruptLogException | StoreFormatException e) {
                        assertThat(e)
                                .hasMessageContaining(WalFiles.segment(WalModel.DIRECTORY, firstLsn)
                                        .toString());
                        reported++;
                    }
                }
            }
            assertThat(reported).isGreaterThan(bits / 2);
        }
    }

    @Test
    void damageIsReportedWithSegmentAndOffset() {
        List<Entry> model = new ArrayList<>();
        SimulatedDisk disk = written(model, false);
        byte[] content = disk.content(WalFiles.segment(WalModel.DIRECTORY, 1));
        content[SegmentDescriptor.HEADER_BYTES + 9] ^= 4;
        assertThatThrownBy(() -> WalModel.replay(with(disk, 1, content).engine(), WalModel.DIRECTORY, 1))
                .isInstanceOfSatisfying(CorruptLogException.class, e -> {
                    assertThat(e.file()).isEqualTo("/store/log-0000000000000001.wal");
                    assertThat(e.offset()).isEqualTo(SegmentDescriptor.HEADER_BYTES);
                });
    }

    @Test
    void aDamagedHeaderBeforeAWholeRecordIsReportedAlsoIfThatIsTheOnlyOne() {
        SimulatedDisk disk = new SimulatedDisk();
        try (OffHeap staging = new OffHeap(4096)) {
            WalConfig config = WalModel.config(Durability.SYNC, SEGMENT_BYTES, staging, 4096);
            WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(1));
            writer.commit(writer.append(WalRecord.DROP_TREE, 1, new byte[0], 0, 0, null, 0, 0));
        }
        byte[] content = disk.content(WalFiles.segment(WalModel.DIRECTORY, 1));
        content[3] ^= 1;
        assertThatThrownBy(() -> WalModel.replay(with(disk, 1, content).engine(), WalModel.DIRECTORY, 1))
                .isInstanceOf(CorruptLogException.class);
    }

    @Test
    void aRecordMissingBetweenWholeOnesIsDamage() {
        List<Entry> model = new ArrayList<>();
        SimulatedDisk disk = written(model, true);
        byte[] content = disk.content(WalFiles.segment(WalModel.DIRECTORY, 1));
        int first = SegmentDescriptor.HEADER_BYTES;
        int second = first + (int) RecordDescriptor.aligned(RecordDescriptor.recordBytes(content, first));
        byte[] shorter = Arrays.copyOf(content, content.length - (second - first));
        System.arraycopy(content, second, shorter, first, shorter.length - first);
        assertThatThrownBy(() -> WalModel.replay(with(disk, 1, shorter).engine(), WalModel.DIRECTORY, 1))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("LSN 1 ");
    }

    @Test
    void aMissingSegmentInTheMiddleIsDamage() {
        List<Entry> model = new ArrayList<>();
        SimulatedDisk disk = written(model, false);
        long middle = segments(disk).get(1);
        disk.engine().delete(WalFiles.segment(WalModel.DIRECTORY, middle));
        assertThatThrownBy(() -> WalModel.replay(disk.engine(), WalModel.DIRECTORY, 1))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("LSN " + middle);
    }

    /** How many records were acknowledged, and how many of them as durable. */
    private record Promised(int acknowledged, int durable) {}

    /** One life of a process: appends and commits until the disk crashes. */
    private static Promised live(
            SimulatedDisk disk,
            Durability durability,
            WalEnd end,
            int durableBefore,
            List<Entry> model,
            Random random) {
        int acknowledged = model.size();
        int durable = durableBefore;
        try (OffHeap staging = new OffHeap(8192)) {
            WalConfig config = WalModel.config(durability, SEGMENT_BYTES, staging, 8192);
            WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, end);
            // What was found is built upon from here.
            durable = model.size();
            for (int i = 0; i < 30; i++) {
                boolean large = random.nextInt(10) == 0;
                // Known before the call, since the call may not come back.
                long seed = random.nextLong();
                model.add(entryOf(seed, writer.nextLsn(), large));
                appendSeeded(writer, seed, large);
                if (random.nextInt(3) == 0) {
                    writer.commit(writer.nextLsn() - 1);
                    acknowledged = model.size();
                    durable = durability == Durability.SYNC ? acknowledged : durable;
                } else if (random.nextInt(6) == 0) {
                    writer.sync();
                    acknowledged = model.size();
                    durable = acknowledged;
                }
            }
            writer.close();
            acknowledged = model.size();
            durable = acknowledged;
        } catch (SimulatedDisk.Crash e) {
            assertThat(disk.crashed()).isTrue();
        }
        return new Promised(acknowledged, durable);
    }

    private static byte[] content(long seed, boolean large) {
        Random random = new Random(seed);
        byte[] value = new byte[large ? 5000 + random.nextInt(9000) : random.nextInt(600)];
        random.nextBytes(value);
        return value;
    }

    private static Entry entryOf(long seed, long lsn, boolean large) {
        byte[] value = content(seed, large);
        return new Entry(lsn, WalRecord.PUT, 1, WalModel.digest(value, 0, 0), WalModel.digest(value, 0, value.length));
    }

    private static void appendSeeded(WalWriter writer, long seed, boolean large) {
        byte[] value = content(seed, large);
        writer.append(WalRecord.PUT, 1, value, 0, 0, value, 0, value.length);
    }

    /** Power lost or process killed at every call, then twice more in either way. */
    @Test
    void aCrashAtAnyCallLosesNothingAcknowledgedAndLeavesNoGap() {
        for (Durability durability : new Durability[] {Durability.SYNC, Durability.ASYNC}) {
            boolean finished = false;
            for (long at = 0; !finished; at++) {
                for (int seed = 0; seed < 10; seed++) {
                    finished = crashThrice(durability, at, seed);
                }
            }
        }
    }

    private static boolean crashThrice(Durability durability, long at, int seed) {
        SimulatedDisk disk = new SimulatedDisk();
        Random random = new Random(seed * 1000L + at);
        List<Entry> model = new ArrayList<>();
        WalEnd end = WalEnd.none(1);
        boolean finished = false;
        int durable = 0;
        for (int life = 0; life < 3; life++) {
            disk.crashAfter(life == 0 ? at : random.nextInt(60));
            boolean powerLoss = random.nextBoolean();
            Promised promised = live(disk, durability, end, durable, model, random);
            durable = promised.durable;
            finished |= life == 0 && !disk.crashed();
            disk = powerLoss ? disk.afterPowerLoss(random) : disk.afterProcessDeath();
            if (segments(disk).isEmpty()) {
                assertThat(model.size())
                        .as("nothing acknowledged before the first segment")
                        .isLessThanOrEqualTo(0);
                return finished;
            }
            WalModel.Replayed replayed = WalModel.replay(disk.engine(), WalModel.DIRECTORY, 1);
            int found = replayed.entries().size();
            assertThat(replayed.entries()).isEqualTo(model.subList(0, found));
            assertThat(found).isGreaterThanOrEqualTo(powerLoss ? promised.durable : promised.acknowledged);
            model.subList(found, model.size()).clear();
            end = replayed.end();
        }
        return finished;
    }
}
