package io.holt.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CorruptDataException;
import io.holt.api.HoltException;
import io.holt.api.HoltIoException;
import io.holt.api.StoreFormatException;
import io.holt.internal.io.IoEngine;
import io.holt.testkit.SimulatedDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The manifest against plain maps, its bytes, and what becomes of it when they are cut or damaged. */
class ManifestTest {

    private static final StoreFiles FILES = new StoreFiles(Path.of("/store"));
    private static final UUID STORE_ID = ManifestModel.STORE_ID;

    /** A disk with a manifest of these checkpoints; {@code states} gets what each of them says. */
    private static SimulatedDisk published(long seed, int checkpoints, int mostPlaces, List<String> states) {
        SimulatedDisk disk = new SimulatedDisk();
        ManifestModel model = new ManifestModel();
        Random random = new Random(seed);
        try (Manifest manifest = Manifest.create(disk.engine(), FILES, STORE_ID)) {
            states.add(model.describe());
            for (int i = 0; i < checkpoints; i++) {
                manifest.publish(model.edit(random, mostPlaces));
                states.add(model.describe());
            }
        }
        return disk;
    }

    private static ManifestState read(byte[] content) {
        SimulatedDisk disk = new SimulatedDisk();
        disk.put(FILES.manifest(), content);
        return Manifest.read(disk.engine(), FILES);
    }

    @Property(tries = 60)
    void saysWhatWasPublished(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3000) int mostPlaces) {
        Random random = new Random(seed);
        ManifestModel model = new ManifestModel();
        IoEngine engine = new SimulatedDisk().engine();
        Manifest manifest = Manifest.create(engine, FILES, STORE_ID);
        for (int i = 0; i < 40; i++) {
            assertThat(manifest.publish(model.edit(random, mostPlaces))).isEqualTo(model.checkpoint);
            assertThat(ManifestModel.describe(manifest.state())).isEqualTo(model.describe());
            if (random.nextInt(4) == 0) {
                assertThat(ManifestModel.describe(Manifest.read(engine, FILES))).isEqualTo(model.describe());
                manifest.close();
                manifest = Manifest.open(engine, FILES);
                assertThat(manifest.state().storeId()).isEqualTo(STORE_ID);
                assertThat(ManifestModel.describe(manifest.state())).isEqualTo(model.describe());
            }
        }
        manifest.close();
    }

    @Test
    void itsSizeIsBoundByTheStateAndNotByTheNumberOfCheckpoints() {
        SimulatedDisk disk = new SimulatedDisk();
        try (Manifest manifest = Manifest.create(disk.engine(), FILES, STORE_ID)) {
            ManifestEdit many = new ManifestEdit().nextBlobId(2001);
            for (int id = 1; id <= 2000; id++) {
                many.place(id, id);
            }
            manifest.publish(many);
            int largest = 0;
            for (int i = 0; i < 500; i++) {
                ManifestEdit edit = new ManifestEdit();
                for (int id = 1; id <= 200; id++) {
                    edit.place(id, 5000 + i * 200 + id);
                }
                manifest.publish(edit);
                largest = Math.max(largest, disk.content(FILES.manifest()).length);
            }
            assertThat(largest).isBetween(64 * 1024, 64 * 1024 + 3 * 8200 + 2000);
            assertThat(disk.engine().list(FILES.directory())).containsExactly("holt.manifest");
        }
    }

    @Test
    void goldenBytes() {
        SimulatedDisk disk = new SimulatedDisk();
        try (Manifest manifest = Manifest.create(disk.engine(), FILES, STORE_ID)) {
            manifest.publish(new ManifestEdit()
                    .epoch(7)
                    .replayFrom(0x1122334455L, true)
                    .nextBlobId(4)
                    .nextTreeId(3)
                    .putTree("a", new TreeEntry(1, 2, 99))
                    .dropTree("gone")
                    .place(2, 5)
                    .removeBlob(3));
        }
        String hex = HexFormat.of().formatHex(disk.content(FILES.manifest()));
        assertThat(hex.replaceAll("(.{16})", "$1\n")).isEqualTo("""
            484f4c544d4e4653
            0100000000000800
            efcdab8967452301
            1032547698badcfe
            0000000000000000
            211e376400000000
            48000000218401dc
            0000000000000000
            3000000000000000
            0100000000000000
            0000000000000000
            0100000000000000
            0100000001000000
            0000000000000000
            0000000000000000
            200000004e665dcc
            0000000000000000
            7800000000000000
            0300000000000000
            98000000ba1afa97
            0100000000000000
            9800000000000000
            0200000000000000
            0700000000000000
            5544332211000000
            0400000003000000
            0100000002000000
            0200000040000000
            0100000002000000
            6300000000000000
            0100000000000000
            6100000000000000
            0000000000000000
            0000000000000000
            0400000001000000
            676f6e6500000000
            0200000005000000
            03000000ffffffff
            200000001ad4e1c0
            0100000000000000
            3001000000000000
            0300000000000000
            """);
    }

    @Test
    void cutAtEveryByteItSaysWhatAnEarlierCheckpointSaidOrThatItIsDamaged() {
        List<String> states = new ArrayList<>();
        byte[] whole = published(11, 8, 12, states).content(FILES.manifest());
        List<Integer> ends = recordEnds(whole);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            int complete = -1;
            for (int i = 0; i < ends.size() && ends.get(i) <= length; i++) {
                complete = i;
            }
            if (complete < 0) {
                assertThatThrownBy(() -> read(cut))
                        .isInstanceOfAny(CorruptDataException.class, StoreFormatException.class);
            } else {
                assertThat(ManifestModel.describe(read(cut))).isEqualTo(states.get(complete));
            }
        }
    }

    /** Where the records other than seals end, by an own walk over the file. */
    private static List<Integer> recordEnds(byte[] whole) {
        List<Integer> ends = new ArrayList<>();
        int at = 48;
        while (at < whole.length) {
            int bytes = (whole[at] & 0xFF) | (whole[at + 1] & 0xFF) << 8 | (whole[at + 2] & 0xFF) << 16;
            if (whole[at + 24] != 3) {
                ends.add(at + bytes);
            }
            at += (bytes + 7) / 8 * 8;
        }
        return ends;
    }

    @Test
    void withAnyBitOfItFlippedItSaysTheSameOrThatItIsDamaged() {
        List<String> states = new ArrayList<>();
        byte[] whole = published(12, 5, 12, states).content(FILES.manifest());
        String newest = states.getLast();
        int reported = 0;
        for (int i = 0; i < whole.length * 8; i++) {
            byte[] damaged = whole.clone();
            damaged[i / 8] ^= (byte) (1 << i % 8);
            String said;
            try {
                said = ManifestModel.describe(read(damaged));
            } catch (CorruptDataException | StoreFormatException e) {
                assertThat(e).hasMessageContaining(FILES.manifest().toString());
                reported++;
                continue;
            }
            // Harmless: padding, and the seal behind the newest record.
            assertThat(said).as("bit %d", i).isEqualTo(newest);
        }
        assertThat(reported).isGreaterThan(whole.length * 8 * 3 / 4);
    }

    @Test
    void damageIsReportedWithFileAndOffset() {
        List<String> states = new ArrayList<>();
        byte[] whole = published(13, 3, 5, states).content(FILES.manifest());
        whole[60] ^= 1;
        assertThatThrownBy(() -> read(whole)).isInstanceOfSatisfying(CorruptDataException.class, e -> {
            assertThat(e.file()).isEqualTo(FILES.manifest().toString());
            assertThat(e.offset()).isEqualTo(48);
        });
    }

    /** Once publishing has returned, no damage to the newest record passes for a crash, whatever crash there was. */
    @Test
    void damageToTheNewestCheckpointIsReportedEvenAfterALossOfPower() {
        for (int seed = 0; seed < 40; seed++) {
            SimulatedDisk disk = published(15, 3, 5, new ArrayList<>()).afterPowerLoss(new Random(seed));
            byte[] content = disk.content(FILES.manifest());
            int newest = recordEnds(content).getLast() - 1;
            content[newest] ^= 1;
            assertThatThrownBy(() -> read(content)).isInstanceOf(CorruptDataException.class);
        }
    }

    @Test
    void foreignAndNewerFilesAreRefused() {
        assertThatThrownBy(() -> read("#!/bin/sh\necho this is something else\n".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("no manifest");
        assertThatThrownBy(() -> read(new byte[0])).isInstanceOf(StoreFormatException.class);
        assertThatThrownBy(() -> Manifest.open(new SimulatedDisk().engine(), FILES))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("no such file");
        byte[] newer = published(14, 1, 5, new ArrayList<>()).content(FILES.manifest());
        newer[8] = 2;
        assertThatThrownBy(() -> read(newer))
                .isInstanceOf(StoreFormatException.class)
                .hasMessageContaining("format version 2")
                .hasMessageContaining("newer version of Holt");
    }

    @Test
    void contradictionsAreRefusedAndChangeNothing() {
        SimulatedDisk disk = new SimulatedDisk();
        try (Manifest manifest = Manifest.create(disk.engine(), FILES, STORE_ID)) {
            manifest.publish(new ManifestEdit().nextBlobId(10).place(9, 0));
            byte[] before = disk.content(FILES.manifest());
            assertThatThrownBy(() -> manifest.publish(new ManifestEdit().place(10, 1)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> manifest.publish(new ManifestEdit().nextBlobId(9)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> manifest.publish(new ManifestEdit().putTree("t", new TreeEntry(1, 10, 0))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(disk.content(FILES.manifest())).isEqualTo(before);
            assertThat(manifest.publish(new ManifestEdit().epoch(1))).isEqualTo(2);
        }
    }

    @Test
    void afterAFailedSyncNothingIsWrittenUntilItIsOpenedAgain() {
        for (int failing = 0; failing < 2; failing++) {
            for (SimulatedDisk.Call kind : List.of(SimulatedDisk.Call.SYNC, SimulatedDisk.Call.WRITE)) {
                SimulatedDisk disk = new SimulatedDisk();
                Manifest manifest = Manifest.create(disk.engine(), FILES, STORE_ID);
                manifest.publish(new ManifestEdit().epoch(1));
                disk.failOnce(kind, failing, "no luck");
                assertThatThrownBy(() -> manifest.publish(new ManifestEdit().epoch(2)))
                        .isInstanceOf(HoltIoException.class)
                        .hasMessage("no luck");
                assertThat(manifest.state().epoch()).isEqualTo(1);
                byte[] left = disk.content(FILES.manifest());
                assertThatThrownBy(() -> manifest.publish(new ManifestEdit().epoch(3)))
                        .isInstanceOf(HoltIoException.class)
                        .hasRootCauseMessage("no luck");
                assertThat(disk.content(FILES.manifest())).isEqualTo(left);
                manifest.close();
                try (Manifest again = Manifest.open(disk.engine(), FILES)) {
                    assertThat(again.state().epoch()).isBetween(1L, 2L);
                    again.publish(new ManifestEdit().epoch(9));
                }
                assertThat(Manifest.read(disk.engine(), FILES).epoch()).isEqualTo(9);
            }
        }
    }

    /** Power lost at every call, many outcomes each: the newest acknowledged state, or the one after it. */
    @Test
    void aCrashAtAnyCallLeavesAStateThatWasPublishedOrBeingPublished() {
        for (int mostPlaces : new int[] {4, 6000}) {
            boolean finished = false;
            for (long at = 0; !finished; at++) {
                SimulatedDisk disk = new SimulatedDisk();
                disk.crashAfter(at);
                List<String> states = new ArrayList<>();
                int acknowledged = crashRun(disk, mostPlaces, states);
                finished = !disk.crashed();
                for (int seed = 0; seed < 30; seed++) {
                    checkAfterCrash(disk.afterPowerLoss(new Random(seed)), acknowledged, states);
                }
                checkAfterCrash(disk.afterProcessDeath(), acknowledged, states);
            }
        }
    }

    /** Publishes until the crash; the number of states acknowledged is the answer. */
    private static int crashRun(SimulatedDisk disk, int mostPlaces, List<String> states) {
        ManifestModel model = new ManifestModel();
        Random random = new Random(5);
        int acknowledged = 0;
        states.add(model.describe());
        try (Manifest manifest = Manifest.create(disk.engine(), FILES, STORE_ID)) {
            acknowledged++;
            for (int i = 0; i < 6; i++) {
                ManifestEdit edit = model.edit(random, mostPlaces);
                states.add(model.describe());
                manifest.publish(edit);
                acknowledged++;
            }
        } catch (SimulatedDisk.Crash e) {
            assertThat(disk.crashed()).isTrue();
        }
        return acknowledged;
    }

    private static void checkAfterCrash(SimulatedDisk disk, int acknowledged, List<String> states) {
        if (!disk.engine().exists(FILES.manifest())) {
            assertThat(acknowledged).isZero();
            return;
        }
        String readOnly = ManifestModel.describe(Manifest.read(disk.engine(), FILES));
        try (Manifest manifest = Manifest.open(disk.engine(), FILES)) {
            String found = ManifestModel.describe(manifest.state());
            assertThat(found).isEqualTo(readOnly);
            assertThat(states.subList(Math.max(0, acknowledged - 1), Math.min(acknowledged + 1, states.size())))
                    .contains(found);
            // It goes on from there, and what it went on from stays durable.
            for (int seed = 0; seed < 5; seed++) {
                SimulatedDisk later = disk.afterPowerLoss(new Random(seed));
                assertThat(ManifestModel.describe(Manifest.read(later.engine(), FILES)))
                        .isEqualTo(found);
            }
            manifest.publish(new ManifestEdit().epoch(1_000_000));
            assertThat(Manifest.read(disk.engine(), FILES).epoch()).isEqualTo(1_000_000);
        } catch (HoltException e) {
            throw new AssertionError("a crash is no damage", e);
        }
    }
}
