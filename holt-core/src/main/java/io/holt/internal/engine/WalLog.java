package io.holt.internal.engine;

import io.holt.api.Envelope;
import io.holt.api.HoltIoException;
import io.holt.internal.tree.RedoLog;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.tree.ValueSource;
import io.holt.internal.wal.BatchRecord;
import io.holt.internal.wal.WalRecord;
import io.holt.internal.wal.WalVisitor;
import io.holt.internal.wal.WalWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Changes of trees and of the catalog, as records of the write-ahead log. Threads: any. */
final class WalLog implements RedoLog, TreeCatalog.CatalogLog {

    private static final byte[] NO_VALUE = {};

    private final TreeCore core;
    private final WalWriter wal;

    WalLog(TreeCore core, WalWriter wal) {
        this.core = core;
        this.wal = wal;
    }

    @Override
    public long put(int treeId, byte[] key, int offset, int bytes, ValueSource value) {
        try {
            return value.segment() == null
                    ? wal.append(
                            WalRecord.PUT, treeId, key, offset, bytes, value.array(), value.offset(), value.bytes())
                    : wal.append(WalRecord.PUT, treeId, key, offset, bytes, value.segment());
        } catch (HoltIoException e) {
            throw failed(e);
        }
    }

    @Override
    public long delete(int treeId, byte[] key, int offset, int bytes) {
        return guarded(() -> wal.append(WalRecord.DELETE, treeId, key, offset, bytes, NO_VALUE, 0, 0));
    }

    @Override
    public long deletePrefix(int treeId, byte[] prefix) {
        return guarded(() -> wal.append(WalRecord.DELETE_PREFIX, treeId, prefix, 0, prefix.length, NO_VALUE, 0, 0));
    }

    @Override
    public long putVersioned(int treeId, byte[] key, int offset, int bytes, ValueSource value, long version) {
        KeyScratch scratch = KeyScratch.withLong(key, offset, bytes, version);
        try {
            return value.segment() == null
                    ? wal.append(
                            WalRecord.PUT_VERSIONED,
                            treeId,
                            scratch.array(),
                            0,
                            scratch.length(),
                            value.array(),
                            value.offset(),
                            value.bytes())
                    : wal.append(
                            WalRecord.PUT_VERSIONED, treeId, scratch.array(), 0, scratch.length(), value.segment());
        } catch (HoltIoException e) {
            throw failed(e);
        }
    }

    @Override
    public long rename(int treeId, byte[] from, byte[] to, long version) {
        KeyScratch scratch = KeyScratch.withLong(to, 0, to.length, version);
        try {
            return wal.append(WalRecord.RENAME, treeId, from, 0, from.length, scratch.array(), 0, scratch.length());
        } catch (HoltIoException e) {
            throw failed(e);
        }
    }

    @Override
    public long batch(byte[] ops, int bytes) {
        return guarded(() -> wal.append(WalRecord.BATCH, 0, NO_VALUE, 0, 0, ops, 0, bytes));
    }

    @Override
    public long created(int treeId, String name) {
        byte[] key = name.getBytes(StandardCharsets.UTF_8);
        return guarded(() -> wal.append(WalRecord.CREATE_TREE, treeId, key, 0, key.length, NO_VALUE, 0, 0));
    }

    @Override
    public long dropped(int treeId) {
        return guarded(() -> wal.append(WalRecord.DROP_TREE, treeId, NO_VALUE, 0, 0, NO_VALUE, 0, 0));
    }

    @Override
    public void await(long lsn) {
        try {
            wal.commit(lsn);
        } catch (HoltIoException e) {
            throw failed(e);
        }
    }

    /** The envelopes that a log has behind an LSN. */
    static List<Envelope> envelopes(WalWriter wal, long afterLsn) {
        List<Envelope> found = new ArrayList<>();
        wal.readBack(afterLsn + 1, envelopesTo(found, afterLsn));
        return found;
    }

    /** Collects the envelopes behind an LSN. */
    static WalVisitor envelopesTo(List<Envelope> found, long afterLsn) {
        return (lsn, type, treeId, key, keyOffset, keyBytes, value, valueOffset, valueBytes) -> {
            if (type == WalRecord.BATCH && lsn > afterLsn) {
                byte[] envelope = new BatchRecord(value, valueOffset, valueBytes).envelope();
                if (envelope != null) {
                    found.add(new Envelope(lsn, envelope));
                }
            }
        };
    }

    private long guarded(LongSupplier appending) {
        try {
            return appending.getAsLong();
        } catch (HoltIoException e) {
            throw failed(e);
        }
    }

    /** The first failure of the log makes the whole database refuse writes. */
    private HoltIoException failed(HoltIoException cause) {
        core.fail(cause);
        return cause;
    }
}
