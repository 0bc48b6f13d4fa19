package io.holt.internal.tree;

import io.holt.api.Scan;
import io.holt.internal.art.ArtHang;
import io.holt.internal.art.RunPacker;
import io.holt.internal.art.SortedRun;
import io.holt.internal.wal.BatchRecord;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Puts ascending records into a gap between the keys of a tree: makes whole frames of them, see {@link RunPacker}, and
 * hangs those in. What frames can't be made of is put record by record.
 *
 * <p>Works on one batch after another; used by one thread at a time, on the exclusive side of the gate.
 */
public final class SortedLoad {

    /** Of less than this no frame would be made. */
    private static final int LEAST_BYTES = 384 * 1024;

    private static final int NONE = -1;

    private final SortedRun run = new SortedRun();
    private final RunPacker packer = new RunPacker();
    private boolean more;
    private int taken;
    private int takenTo;
    private boolean refused;

    /**
     * Prepares for the next batch.
     *
     * @param more whether records follow it: what is at its end may be left for the next one
     */
    public SortedLoad followed(boolean more) {
        this.more = more;
        return this;
    }

    /** How many records of the batch were put; the others are for the next one. */
    public int taken() {
        return taken;
    }

    /** The entry of the batch behind those, or its end. */
    public int takenTo() {
        return takenTo;
    }

    /** Says that all records of the batch are put. */
    void takeAll(BatchRecord batch) {
        taken = batch.entries();
        takenTo = batch.length();
    }

    /**
     * Puts what it can of a batch of small records for one tree.
     *
     * @param put puts the record that an entry is
     * @return false if this is not for here; frames are to be abandoned then
     */
    boolean apply(TreeCore core, TreeState tree, BatchRecord batch, ShadowFrames frames, long epoch, IntConsumer put) {
        if (batch.length() < LEAST_BYTES) {
            return false;
        }
        run.start(batch.array());
        for (int entry = batch.first(); batch.isEntry(entry); entry = batch.next(entry)) {
            run.add(batch.keyOffset(entry), batch.keyBytes(entry), batch.valueBytes(entry));
        }
        byte[] first = batch.copyOfKey(batch.first());
        byte[] last = batch.copyOfKey(batch.last());
        byte[] behind = neighbour(core, tree, Scan.all().from(first, true));
        if (behind != null && Arrays.compareUnsigned(behind, last) <= 0) {
            return false;
        }
        byte[] before = neighbour(core, tree, Scan.all().to(first, false).reversed());
        RunPacker.Frames fresh = new RunPacker.Frames() {
            @Override
            public int fresh() {
                return frames.fresh("a frame of a sorted load");
            }

            @Override
            public long address(int blobId) {
                return frames.address(blobId);
            }
        };
        int packed = packer.pack(run, fresh, tree.treeId(), epoch, common(before, first), common(behind, last), more);
        if (packed == 0 || packer.isTooDeep()) {
            return false;
        }
        taken = more ? packed : run.count();
        takenTo = taken < run.count() ? batch.entryOfKey(run.keyOffset(taken)) : batch.length();
        refused = false;
        packer.rest(taken, new RunPacker.Rest() {
            @Override
            public void record(int record) {
                if (!refused) {
                    put.accept(batch.entryOfKey(run.keyOffset(record)));
                }
            }

            @Override
            public void frame(int record, int depth, byte[] edges, int blobId) {
                int key = run.keyOffset(record);
                ArtHang hang = new ArtHang(run.array(), key, depth, edges, blobId);
                refused = refused || !frames.hang(tree, run.array(), key, run.keyBytes(record), hang);
            }
        });
        return !refused;
    }

    /** The first key of a scan, or null. */
    private static byte[] neighbour(TreeCore core, TreeState tree, Scan scan) {
        try (TreeCursor cursor =
                new TreeCursor(core, core.present(), tree, scan.keysOnly().limit(1))) {
            return cursor.next() ? cursor.key() : null;
        }
    }

    private static int common(byte[] neighbour, byte[] key) {
        if (neighbour == null) {
            return NONE;
        }
        int mismatch = Arrays.mismatch(neighbour, key);
        return mismatch < 0 ? key.length : mismatch;
    }
}
