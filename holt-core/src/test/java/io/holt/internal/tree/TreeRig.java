package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Cursor;
import io.holt.api.Scan;
import io.holt.api.TreeStats;
import io.holt.internal.art.FrameAudit;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.EpochClock;
import io.holt.internal.sync.HybridLatch;
import io.holt.internal.sync.WriterGate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;

/** One tree in memory without the engine around it, whose frames can be looked at from inside. */
public final class TreeRig implements AutoCloseable {

    private static final int TREE_ID = 1;

    public final BlobBufPool pool;
    public final BufferManager buffers;
    public final SnapshotRegistry snapshots;
    public final TreeCore core;
    public final TreeState tree;
    public final TreeWriter writer;
    private final WriterGate gate = new WriterGate();

    /** A tree with a budget of so many frames. */
    public TreeRig(int frames) {
        pool = new BlobBufPool(frames);
        buffers = new BufferManager(pool, FrameLoader.NONE);
        snapshots = new SnapshotRegistry(buffers, new EpochClock(1));
        core = new TreeCore(buffers, snapshots, gate, RedoLog.NONE);
        tree = new TreeState("tree", TREE_ID, TreeAccess.newRoot(core, TREE_ID));
        writer = TreeAccess.writer(core, tree);
    }

    public void put(byte[] key, byte[] value) {
        writer.put(key, 0, key.length, value, 0, value.length, false);
    }

    public boolean delete(byte[] key) {
        return writer.delete(key, 0, key.length);
    }

    public boolean deletePrefix(byte[] prefix) {
        return writer.deletePrefix(prefix);
    }

    public byte[] get(byte[] key) {
        return TreeAccess.reader(core, tree, null).get(key, 0, key.length);
    }

    public SnapshotHandle snapshot() {
        gate.close();
        try {
            return core.takeSnapshot(null);
        } finally {
            gate.open();
        }
    }

    public TreeStats stats() {
        return TreeAccess.stats(core, tree);
    }

    /** All that a scan says, in both directions, and each get, is what the model has; of the present if no handle. */
    public void assertHolds(NavigableMap<byte[], byte[]> model, SnapshotHandle handle) {
        assertScan(model, handle, Scan.all());
        assertScan(model.descendingMap(), handle, Scan.all().reversed());
        TreeReader reader = TreeAccess.reader(core, tree, handle);
        model.forEach((key, value) -> {
            if (!java.util.Arrays.equals(reader.get(key, 0, key.length), value)) {
                assertThat(reader.get(key, 0, key.length)).as("get").isEqualTo(value);
            }
        });
    }

    private void assertScan(Map<byte[], byte[]> model, SnapshotHandle handle, Scan scan) {
        try (Cursor cursor = TreeAccess.cursor(core, tree, handle, scan)) {
            for (Map.Entry<byte[], byte[]> entry : model.entrySet()) {
                assertThat(cursor.next()).isTrue();
                if (!java.util.Arrays.equals(cursor.key(), entry.getKey())
                        || !java.util.Arrays.equals(cursor.value(), entry.getValue())) {
                    assertThat(cursor.key()).as("key").isEqualTo(entry.getKey());
                    assertThat(cursor.value()).as("value").isEqualTo(entry.getValue());
                }
            }
            assertThat(cursor.next()).isFalse();
        }
    }

    /**
     * With nobody at work: every frame is whole, is reached once, and there are no others: neither blob ids nor slots
     * (I7).
     *
     * @return how many frames the tree has, with those of large values
     */
    public int audit() {
        core.drop().drain();
        Set<Integer> seen = new HashSet<>();
        audit(tree.rootBlobId(), new byte[0], seen);
        assertThat(buffers.blobCount()).as("blob ids in use").isEqualTo(seen.size());
        assertThat(buffers.residentFrames()).as("frames in the table").isEqualTo(seen.size());
        assertThat(buffers.leasedSlots()).as("slots").isEqualTo(seen.size() + snapshots.preImageCount());
        return seen.size();
    }

    private void audit(int blobId, byte[] path, Set<Integer> seen) {
        assertThat(seen.add(blobId)).as("blob %s is reached once", blobId).isTrue();
        long frame = buffers.residentAddress(blobId);
        assertThat(frame).isPositive();
        assertThat(HybridLatch.isHeld(HybridLatch.tryReadVersion(frame)))
                .as("latch of blob %s", blobId)
                .isFalse();
        assertThat(FrameHeader.treeId(frame)).isEqualTo(TREE_ID);
        List<FrameAudit.Child> children = FrameAudit.check(
                frame,
                blobId,
                path,
                part -> assertThat(seen.add(part))
                        .as("value frame %s belongs to one leaf", part)
                        .isTrue());
        for (FrameAudit.Child child : children) {
            audit(child.blobId(), child.path(), seen);
        }
    }

    @Override
    public void close() {
        snapshots.closeAll();
        core.drop().stop();
        buffers.close();
        assertThat(pool.leased()).isZero();
        pool.close();
    }
}
