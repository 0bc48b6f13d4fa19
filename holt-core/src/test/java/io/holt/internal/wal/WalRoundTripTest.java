package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CorruptLogException;
import io.holt.api.Durability;
import io.holt.api.HoltIoException;
import io.holt.api.IoEngineKind;
import io.holt.api.StoreFormatException;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.internal.memory.Crc32c;
import io.holt.internal.wal.WalModel.Entry;
import io.holt.testkit.OffHeap;
import io.holt.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is appended is replayed; and the bytes between. */
class WalRoundTripTest {

    /** A key may carry a version in the log. */
    private static final int TOO_LONG = WalRecord.MAX_KEY_BYTES + 1;

    private static final byte[] EMPTY = {};

    @TempDir
    Path directory;

    private static Path segment(long firstLsn) {
        return WalFiles.segment(WalModel.DIRECTORY, firstLsn);
    }

    @Property(tries = 150)
    void replaysWhatWasAppended(@ForAll long seed) {
        Random random = new Random(seed);
        IoEngine engine = new SimulatedDisk().engine();
        List<Entry> model = new ArrayList<>();
        int stagingBytes = 4096 << random.nextInt(6);
        long segmentBytes = 4096L << random.nextInt(8);
        Durability durability = random.nextBoolean() ? Durability.SYNC : Durability.ASYNC;
        long keptFrom = 1;
        try (OffHeap staging = new OffHeap(stagingBytes)) {
            WalConfig config = WalModel.config(durability, segmentBytes, staging, stagingBytes);
            WalWriter writer = WalWriter.open(engine, WalModel.DIRECTORY, config, WalEnd.none(1));
            for (int i = 0; i < 120; i++) {
                Entry appended = WalModel.append(writer, random, random.nextInt(10) == 0 ? 100_000 : 300);
                assertThat(appended.lsn()).isEqualTo(writer.nextLsn() - 1);
                model.add(appended);
                switch (random.nextInt(12)) {
                    case 0, 1, 2, 3 -> writer.commit(appended.lsn());
                    case 4 -> writer.sync();
                    case 5 -> {
                        keptFrom = Math.max(keptFrom, 1 + random.nextLong(appended.lsn()));
                        writer.truncateBefore(keptFrom);
                    }
                    case 6 -> {
                        if (random.nextBoolean()) {
                            writer.close();
                        } else {
                            writer.commit(appended.lsn());
                        }
                        WalModel.Replayed replayed = WalModel.replay(engine, WalModel.DIRECTORY, keptFrom);
                        assertThat(replayed.entries()).isEqualTo(WalModel.from(model, keptFrom));
                        assertThat(replayed.end().droppedBytes()).isZero();
                        writer = WalWriter.open(engine, WalModel.DIRECTORY, config, replayed.end());
                    }
                    default -> {}
                }
            }
            writer.close();
            writer.close();
        }
        long from = keptFrom + random.nextInt(20);
        assertThat(WalModel.replay(engine, WalModel.DIRECTORY, keptFrom).entries())
                .isEqualTo(WalModel.from(model, keptFrom));
        assertThat(WalModel.replay(engine, WalModel.DIRECTORY, from).entries()).isEqualTo(WalModel.from(model, from));
    }

    @Test
    void goldenBytes() {
        SimulatedDisk disk = new SimulatedDisk();
        byte[] key = "key".getBytes(StandardCharsets.UTF_8);
        byte[] value = "a value".getBytes(StandardCharsets.UTF_8);
        try (OffHeap staging = new OffHeap(4096)) {
            WalConfig config = WalModel.config(Durability.ASYNC, 4096, staging, 4096);
            try (WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(0x1234))) {
                writer.append(WalRecord.PUT, 7, key, 0, 3, value, 0, 7);
                writer.append(WalRecord.DELETE, 7, key, 1, 2, null, 0, 0);
            }
        }
        assertThat(segment(0x1234)).hasFileName("log-0000000000001234.wal");
        String hex = HexFormat.of().formatHex(disk.content(segment(0x1234)));
        assertThat(hex.replaceAll("(.{16})", "$1\n")).isEqualTo("""
            484f4c5457414c53
            0100000000000000
            efcdab8967452301
            1032547698badcfe
            3412000000000000
            3312000000000000
            0000000000000000
            07f5126600000000
            2a000000cd721d87
            3412000000000000
            0100000000000000
            0700000003000000
            6b6579612076616c
            7565000000000000
            22000000f7092218
            3512000000000000
            0200000001000000
            0700000002000000
            6579000000000000
            20000000b719666c
            3612000000000000
            0600000000000000
            0000000000000000
            """);
    }

    @Test
    void aLargeValueIsWrittenInPiecesOnEveryEngine() throws IOException {
        byte[] value = new byte[40_000_003];
        new Random(1).nextBytes(value);
        byte[] key = new byte[65_535];
        new Random(2).nextBytes(key);
        for (IoEngineKind kind : new IoEngineKind[] {IoEngineKind.AUTO, IoEngineKind.CHANNEL}) {
            Path where = Files.createDirectory(directory.resolve(kind.name()));
            try (IoEngine engine = IoEngines.open(kind);
                    OffHeap staging = new OffHeap(64 * 1024)) {
                WalConfig config = WalModel.config(Durability.SYNC, 1 << 20, staging, 64 * 1024);
                List<Entry> model = new ArrayList<>();
                try (WalWriter writer = WalWriter.open(engine, where, config, WalEnd.none(1))) {
                    for (int i = 0; i < 3; i++) {
                        model.add(WalModel.append(writer, new Random(i), 100));
                        long lsn = writer.append(WalRecord.PUT, 3, key, 0, key.length, value, i, value.length - i);
                        writer.commit(lsn);
                        model.add(new Entry(
                                lsn,
                                WalRecord.PUT,
                                3,
                                WalModel.digest(key, 0, key.length),
                                WalModel.digest(value, i, value.length - i)));
                    }
                    assertThat(writer.bytes()).isBetween(120_000_000L, 121_000_000L);
                    assertThat(WalModel.replay(engine, where, 1).entries()).isEqualTo(model);
                    writer.truncateBefore(model.getLast().lsn());
                    assertThat(writer.bytes()).isBetween(40_000_000L, 41_000_000L);
                }
                assertThat(WalModel.replay(engine, where, 6).entries()).isEqualTo(model.subList(5, 6));
            }
        }
    }

    @Test
    void keysThatAreTooLongAndLogsThatKeepNothingAreRefused() {
        SimulatedDisk disk = new SimulatedDisk();
        try (OffHeap staging = new OffHeap(4096)) {
            WalConfig config = WalModel.config(Durability.ASYNC, 4096, staging, 4096);
            try (WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(1))) {
                assertThatThrownBy(() -> writer.append(WalRecord.PUT, 1, new byte[TOO_LONG], 0, TOO_LONG, EMPTY, 0, 0))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(writer.nextLsn()).isEqualTo(1);
            }
            assertThatThrownBy(() -> WalModel.config(Durability.NONE, 4096, staging, 4096))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> WalModel.config(Durability.SYNC, 4095, staging, 4096))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> WalModel.config(Durability.SYNC, 4096, staging, 4095))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** A disk with a log of one segment of three records, closed. */
    private static SimulatedDisk small() {
        SimulatedDisk disk = new SimulatedDisk();
        try (OffHeap staging = new OffHeap(4096)) {
            WalConfig config = WalModel.config(Durability.ASYNC, 4096, staging, 4096);
            try (WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(10))) {
                for (int i = 0; i < 3; i++) {
                    writer.append(WalRecord.PUT, 7, new byte[] {1}, 0, 1, new byte[] {2}, 0, 1);
                }
            }
        }
        return disk;
    }

    @Test
    void aMissingSegmentIsDamage() {
        IoEngine engine = small().engine();
        assertThat(WalModel.replay(engine, WalModel.DIRECTORY, 12).entries()).hasSize(1);
        assertThatThrownBy(() -> WalModel.replay(engine, WalModel.DIRECTORY, 9))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("LSN 9");
        assertThatThrownBy(() -> WalModel.replay(new SimulatedDisk().engine(), WalModel.DIRECTORY, 1))
                .isInstanceOf(CorruptLogException.class);
    }

    @Test
    void theLogOfAnotherStoreOrOfANewerFormatIsRefused() {
        SimulatedDisk disk = small();
        assertThatThrownBy(() -> WalReader.replay(
                        disk.engine(), WalModel.DIRECTORY, new UUID(1, 2), 10, (l, t, i, k, ko, kb, v, vo, vb) -> {}))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining(WalModel.STORE_ID.toString());
        byte[] content = disk.content(segment(10));
        byte[] header = Arrays.copyOf(content, SegmentDescriptor.HEADER_BYTES);
        header[SegmentDescriptor.VERSION_OFFSET] = 2;
        int crc = Crc32c.of(header, 0, SegmentDescriptor.CRC_OFFSET);
        for (int i = 0; i < 4; i++) {
            header[SegmentDescriptor.CRC_OFFSET + i] = (byte) (crc >>> (8 * i));
        }
        System.arraycopy(header, 0, content, 0, header.length);
        disk.put(segment(10), content);
        assertThatThrownBy(() -> WalModel.replay(disk.engine(), WalModel.DIRECTORY, 10))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("version 2");
        disk.put(segment(9), small().content(segment(10)));
        assertThatThrownBy(() -> WalModel.replay(disk.engine(), WalModel.DIRECTORY, 9))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("name");
    }

    @Test
    void recordsOfAnUnknownTypeAreRefused() {
        SimulatedDisk disk = new SimulatedDisk();
        try (OffHeap staging = new OffHeap(4096)) {
            WalConfig config = WalModel.config(Durability.SYNC, 4096, staging, 4096);
            try (WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(1))) {
                writer.commit(writer.append(99, 7, new byte[] {1}, 0, 1, new byte[] {2}, 0, 1));
            }
        }
        assertThatThrownBy(() -> WalModel.replay(disk.engine(), WalModel.DIRECTORY, 1))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("unknown type 99");
    }

    @Test
    void afterAFailureNothingIsTakenAndReopeningGoesOn() {
        for (SimulatedDisk.Call kind : List.of(SimulatedDisk.Call.WRITE, SimulatedDisk.Call.SYNC)) {
            SimulatedDisk disk = new SimulatedDisk();
            try (OffHeap staging = new OffHeap(4096)) {
                WalConfig config = WalModel.config(Durability.SYNC, 8192, staging, 4096);
                WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(1));
                List<Entry> model = new ArrayList<>();
                model.add(WalModel.append(writer, new Random(4), 10));
                writer.commit(1);
                disk.failOnce(kind, 0, "no luck");
                Entry unknown = WalModel.append(writer, new Random(5), 10);
                assertThatThrownBy(() -> writer.commit(2))
                        .isInstanceOf(HoltIoException.class)
                        .hasMessage("no luck");
                byte[] left = disk.content(segment(1));
                assertThatThrownBy(() -> WalModel.append(writer, new Random(6), 10))
                        .isInstanceOf(HoltIoException.class)
                        .hasMessageContaining("takes no more records")
                        .hasRootCauseMessage("no luck");
                assertThatThrownBy(() -> writer.commit(2)).hasRootCauseMessage("no luck");
                assertThatThrownBy(writer::sync).hasRootCauseMessage("no luck");
                writer.commit(1);
                writer.close();
                assertThat(disk.content(segment(1))).isEqualTo(left);
                WalModel.Replayed replayed = WalModel.replay(disk.engine(), WalModel.DIRECTORY, 1);
                if (replayed.end().nextLsn() == 3) {
                    model.add(unknown);
                }
                assertThat(replayed.entries()).isEqualTo(model);
                try (WalWriter next = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, replayed.end())) {
                    model.add(WalModel.append(next, new Random(7), 10));
                }
                assertThat(WalModel.replay(disk.engine(), WalModel.DIRECTORY, 1).entries())
                        .isEqualTo(model);
            }
        }
    }
}
