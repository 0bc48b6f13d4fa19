package io.holt.internal.tree;

import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.internal.art.ScanChunk;

/**
 * Hands the records of a scan to a visitor, a validated chunk at a time: what the visitor sees is a copy that no writer
 * reaches. Latency-critical.
 *
 * <p>Walks are kept one a thread and used again; a visit within a visit makes one of its own.
 */
final class TreeVisit {

    private static final byte[] EMPTY = {};
    private static final int FIRST_CHUNK_RECORDS = 128;

    private TreeVisit() {}

    /** Answers how many records the visitor was handed. */
    static long visit(TreeCore core, ReadView view, TreeState tree, Scan scan, RecordVisitor visitor) {
        if (scan.delimiter() != null) {
            throw new IllegalArgumentException("a scan with a delimiter is for cursors, which name common prefixes");
        }
        Scratch scratch = Scratch.ofThread();
        ScanWalk walk = scratch.takeWalk();
        try {
            walk.start(core, view, tree, scan, FIRST_CHUNK_RECORDS);
            return visit(walk, scan, visitor);
        } finally {
            walk.end();
            scratch.keepWalk(walk);
        }
    }

    private static long visit(ScanWalk walk, Scan scan, RecordVisitor visitor) {
        ScanChunk chunk = walk.chunk();
        boolean values = !scan.isKeysOnly();
        long left = scan.limit();
        while (left > 0) {
            walk.checkOpen();
            if (!walk.next(left)) {
                break;
            }
            int within = walk.within();
            int handed = chunk.largeBytes() >= 0
                    ? handLarge(walk, chunk, within, visitor)
                    : hand(chunk, within, values, visitor);
            if (handed < 0) {
                return scan.limit() - left - handed;
            }
            left -= handed;
            if (within < chunk.count()) {
                break;
            }
        }
        return scan.limit() - left;
    }

    /** Answers how many records were handed over; negative if the visitor ended it with the last of them. */
    private static int hand(ScanChunk chunk, int count, boolean values, RecordVisitor visitor) {
        byte[] data = chunk.data();
        byte[] valueData = values ? data : EMPTY;
        for (int i = 0; i < count; i++) {
            boolean goOn = visitor.visit(
                    data,
                    chunk.keyOffset(i),
                    chunk.keyBytes(i),
                    valueData,
                    values ? chunk.valueOffset(i) : 0,
                    chunk.valueBytes(i));
            if (!goOn) {
                return -(i + 1);
            }
        }
        return count;
    }

    private static int handLarge(ScanWalk walk, ScanChunk chunk, int count, RecordVisitor visitor) {
        byte[] value = walk.largeValue();
        boolean goOn = count == 0
                || visitor.visit(chunk.data(), chunk.keyOffset(0), chunk.keyBytes(0), value, 0, value.length);
        return goOn ? count : -1;
    }
}
