package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudgetException;
import io.holt.api.RenameResult;
import io.holt.api.Snapshot;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.io.IoEngine;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.store.Manifest;
import io.holt.internal.store.ManifestState;
import io.holt.internal.store.StoreFiles;
import io.holt.internal.sync.EpochClock;
import io.holt.internal.sync.WriterGate;
import io.holt.internal.tree.RedoLog;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.wal.WalReader;
import io.holt.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A log applied by several threads makes the database that one change after the other makes in a model. */
class ReplayLanesTest {

    private static final Path DIRECTORY = Path.of("/db");
    private static final long SEGMENT_BYTES = 1 << 20;
    private static final int FRAMES = 64;
    private static final HoltOptions OPTIONS = HoltOptions.builder()
            .durability(Durability.ASYNC)
            .checkpointDirtyBytes(0)
            .checkpointLogBytes(0)
            .checkpointAge(Duration.ZERO)
            .build();
    private static final String[] TREES = {"left", "right"};

    /** Keys few enough to be changed again in the same chunk and in the next ones; chunks of some tens of records. */
    @ParameterizedTest
    @CsvSource({"1, 1000", "2, 1000", "3, 400", "4, 5000", "2, 60000"})
    void aLogIsAppliedAsItWasWritten(int lanes, int chunkBytes) {
        for (int seed = 0; seed < 5; seed++) {
            SimulatedDisk disk = new SimulatedDisk();
            CrashState expected = write(disk, new Random(seed), 3000);
            assertThat(replayed(disk, lanes, chunkBytes, FRAMES))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    /** The range of a key changes from chunk to chunk, and with it the lane. */
    @Test
    void changesOfAKeyKeepTheirOrder() {
        SimulatedDisk disk = new SimulatedDisk();
        CrashState expected = new CrashState();
        HoltDb db = Opening.open(disk.engine(), DIRECTORY, OPTIONS, SEGMENT_BYTES);
        apply(new CrashChange.Create(TREES[0]), db, expected);
        Random random = new Random(1);
        for (int i = 0; i < 40_000; i++) {
            String key = "k" + (100_000 + i / 100 + random.nextInt(300));
            apply(put(TREES[0], key, random), db, expected);
        }
        assertThat(replayed(disk, 3, 2000, FRAMES)).isEqualTo(expected);
    }

    /** What a lane meets with reaches the caller as it is. */
    @Test
    void aFullMemoryBudgetIsReported() {
        SimulatedDisk disk = new SimulatedDisk();
        HoltDb db = Opening.open(disk.engine(), DIRECTORY, OPTIONS, SEGMENT_BYTES);
        Random random = new Random(2);
        for (int i = 0; i < 5_000; i++) {
            db.tree(TREES[0]).put(CrashChange.bytes(key(random) + i), new byte[2000]);
        }
        assertThatThrownBy(() -> replayed(disk, 2, 50_000, 8)).isInstanceOf(MemoryBudgetException.class);
    }

    /** Changes of every kind that a log has, without a checkpoint; answers what they make. */
    private static CrashState write(SimulatedDisk disk, Random random, int changes) {
        CrashState state = new CrashState();
        // Not closed: that would be a checkpoint.
        HoltDb db = Opening.open(disk.engine(), DIRECTORY, OPTIONS, SEGMENT_BYTES);
        for (int i = 0; i < changes; i++) {
            String tree = TREES[random.nextInt(TREES.length)];
            if (!state.hasTree(tree)) {
                apply(new CrashChange.Create(tree), db, state);
            }
            change(tree, random, db, state);
        }
        return state;
    }

    private static void change(String tree, Random random, HoltDb db, CrashState state) {
        String key = key(random);
        switch (random.nextInt(300)) {
            case 0 -> apply(new CrashChange.Drop(tree), db, state);
            case 1, 2, 3 -> apply(new CrashChange.DeletePrefix(tree, key.substring(0, 3)), db, state);
            case 4, 5, 6 -> {
                String to = key(random);
                if (db.tree(tree).rename(CrashChange.bytes(key), CrashChange.bytes(to), true) == RenameResult.RENAMED) {
                    state.records(tree).put(to, state.records(tree).remove(key));
                }
            }
            case 7, 8, 9 -> {
                byte[] value = {(byte) random.nextInt()};
                db.tree(tree).putVersioned(CrashChange.bytes(key), value);
                state.records(tree).put(key, Arrays.hashCode(value));
            }
            case 10, 11, 12 ->
                apply(
                        new CrashChange.Batch(List.of(put(tree, key, random), put(tree, key(random), random))),
                        db,
                        state);
            case 13 -> apply(new CrashChange.Put(tree, key, 70_000, (byte) 1), db, state);
            default ->
                apply(random.nextInt(4) == 0 ? new CrashChange.Delete(tree, key) : put(tree, key, random), db, state);
        }
    }

    private static CrashChange put(String tree, String key, Random random) {
        return new CrashChange.Put(tree, key, random.nextInt(40), (byte) random.nextInt());
    }

    private static String key(Random random) {
        return "" + (char) ('a' + random.nextInt(3)) + "/" + random.nextInt(10) + "/" + random.nextInt(40);
    }

    private static void apply(CrashChange change, HoltDb db, CrashState state) {
        change.applyTo(db);
        change.applyTo(state);
    }

    private static CrashState replayed(SimulatedDisk disk, int lanes, int chunkBytes, int frames) {
        try (BlobBufPool pool = new BlobBufPool(frames);
                Engine engine = replay(disk, pool, lanes, chunkBytes);
                Snapshot snapshot = engine.snapshot()) {
            return CrashState.of(snapshot);
        }
    }

    /** A database in memory with what the log of another one says. */
    private static Engine replay(SimulatedDisk disk, BlobBufPool pool, int lanes, int chunkBytes) {
        BufferManager buffers = new BufferManager(pool, FrameLoader.NONE);
        SnapshotRegistry snapshots = new SnapshotRegistry(buffers, new EpochClock(1));
        WriterGate gate = new WriterGate();
        TreeCore core = new TreeCore(buffers, snapshots, gate, RedoLog.NONE);
        TreeCatalog catalog = new TreeCatalog(core, Map.of(), 1);
        Engine engine = new Engine(buffers, snapshots, gate, core, catalog, Persistence.NONE, null);
        IoEngine io = disk.afterProcessDeath().engine();
        ManifestState state = Manifest.read(io, new StoreFiles(DIRECTORY));
        try (Replay replay = new Replay(core, catalog, lanes, chunkBytes)) {
            WalReader.replay(io, DIRECTORY, state.storeId(), state.replayLsn(), replay);
            replay.settle();
            return engine;
        } catch (HoltException e) {
            engine.close();
            throw e;
        }
    }
}
