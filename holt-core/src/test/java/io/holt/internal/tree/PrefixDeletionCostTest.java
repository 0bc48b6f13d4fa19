package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.Signal;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.Memory;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.EpochClock;
import io.holt.internal.sync.WriterGate;
import io.holt.internal.wal.BatchRecord;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A deletion of a prefix looks at the frames on the prefix's path, and at no others, however many records are below it.
 * No frame is in memory at the start, so those that it reads in are all that it looks at, whether it latches them or
 * not.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PrefixDeletionCostTest {

    private static final int FRAMES = 100;
    private static final int OTHERS = 3000;
    private static final String PREFIX = "dir/many/";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Frames as bytes, of which copies are read in. */
    private static final class Kept implements FrameLoader {
        private final Map<Integer, byte[]> frames = new HashMap<>();
        private final Set<Integer> loaded = new HashSet<>();

        @Override
        public boolean has(int blobId) {
            return frames.containsKey(blobId);
        }

        @Override
        public synchronized void load(int blobId, long address) {
            loaded.add(blobId);
            Memory.copyFromArray(frames.get(blobId), 0, address, FrameHeader.FRAME_BYTES);
            Memory.putLong(address, FrameHeader.LATCH_ON_DISK);
        }
    }

    /** A tree none of whose frames is in memory. */
    private static final class ColdTree implements AutoCloseable {
        private final Kept kept = new Kept();
        private final BlobBufPool pool = new BlobBufPool(FRAMES);
        private final BufferManager buffers = new BufferManager(pool, kept);
        private final TreeCore core = new TreeCore(
                buffers, new SnapshotRegistry(buffers, new EpochClock(100)), new WriterGate(), RedoLog.NONE);
        private final TreeState tree;
        private final Set<Integer> path = new HashSet<>();

        ColdTree(TreeRig rig, byte[] prefix) {
            for (int blobId : rig.buffers.blobIds().stream().toArray()) {
                byte[] frame = new byte[FrameHeader.FRAME_BYTES];
                Memory.copyToArray(rig.buffers.residentAddress(blobId), frame, 0, frame.length);
                kept.frames.put(blobId, frame);
            }
            buffers.adoptBlobIds(rig.buffers.blobIds(), rig.buffers.nextBlobId());
            tree = new TreeState("cold", rig.tree.treeId(), rig.tree.rootBlobId());
            // What is unhooked is not looked at until it is asked for.
            core.drop().stop();
            int blobId = rig.tree.rootBlobId();
            long signal;
            do {
                path.add(blobId);
                signal = ArtLookup.find(rig.buffers.residentAddress(blobId), prefix, 0, prefix.length);
                blobId = Signal.payload(signal);
            } while (Signal.code(signal) == Signal.CROSS);
        }

        TreeWriter writer() {
            return TreeAccess.writer(core, tree);
        }

        long records() {
            return TreeAccess.stats(core, tree).records();
        }

        @Override
        public void close() {
            core.drop().stop();
            buffers.close();
            assertThat(pool.leased()).isZero();
            pool.close();
        }
    }

    private static void fill(TreeRig rig, int records, int valueBytes) {
        for (int i = 0; i < OTHERS; i++) {
            rig.put(bytes((i % 2 == 0 ? "dir/a" : "dir/z") + i), new byte[400]);
        }
        for (int i = 0; i < records; i++) {
            rig.put(bytes(PREFIX + i), new byte[valueBytes]);
        }
    }

    @ParameterizedTest
    @CsvSource({"1000,3000", "10000,300", "100000,100", "60,100000"})
    void onlyThePathIsLookedAt(int records, int valueBytes) {
        try (TreeRig rig = new TreeRig(2 * FRAMES)) {
            fill(rig, records, valueBytes);
            assertThat(rig.buffers.blobCount()).isGreaterThan(9);
            try (ColdTree cold = new ColdTree(rig, bytes(PREFIX))) {
                assertThat(cold.writer().deletePrefix(bytes(PREFIX))).isTrue();
                assertThat(cold.kept.loaded).as("frames read in").isEqualTo(cold.path);
                assertThat(cold.path).hasSizeLessThanOrEqualTo(3);
                assertThat(cold.records()).isEqualTo(OTHERS);
                assertThat(cold.writer().deletePrefix(bytes(PREFIX))).isFalse();
            }
        }
    }

    @Test
    void neitherDoesABatchLookAtMore() {
        try (TreeRig rig = new TreeRig(FRAMES)) {
            fill(rig, 100_000, 100);
            try (ColdTree cold = new ColdTree(rig, bytes(PREFIX))) {
                BatchRecord batch = new BatchRecord();
                byte[] prefix = bytes(PREFIX);
                int treeId = cold.tree.treeId();
                batch.add(BatchRecord.DELETE_PREFIX, false, treeId, prefix, 0, prefix.length, new byte[0], 0, 0);
                new BatchPath(cold.core, Map.of(treeId, cold.tree)).apply(batch, List.of());
                assertThat(cold.kept.loaded).isEqualTo(cold.path);
                assertThat(cold.records()).isEqualTo(OTHERS);
            }
        }
    }
}
