package io.holt.benchmarks.engine;

import io.holt.benchmarks.data.Dataset;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;
import org.lmdbjava.SeekOp;
import org.lmdbjava.Stat;
import org.lmdbjava.Txn;

/**
 * LMDB through its Java binding, without syncs: a transaction for each write, one renewed for each read, and 1,000 puts
 * in one when loading.
 */
final class LmdbEngine implements KeyValueEngine {

    private static final long MAP_BYTES = 16L << 30;
    private static final int MAX_KEY_BYTES = 511;
    private static final int MAX_VALUE_BYTES = 1 << 16;
    private static final int LOAD_BATCH = 1_000;

    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> dbi;
    private final Txn<ByteBuffer> reader;
    private final Cursor<ByteBuffer> cursor;
    private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(MAX_KEY_BYTES);
    private final ByteBuffer valueBuffer = ByteBuffer.allocateDirect(MAX_VALUE_BYTES);

    private LmdbEngine(Env<ByteBuffer> env) {
        this.env = env;
        this.dbi = env.openDbi("benchmark", DbiFlags.MDB_CREATE);
        this.reader = env.txnRead();
        this.cursor = dbi.openCursor(reader);
        reader.reset();
    }

    static LmdbEngine open(EngineSettings settings) {
        return new LmdbEngine(Env.create()
                .setMapSize(MAP_BYTES)
                .setMaxDbs(1)
                .open(settings.directory().toFile(), EnvFlags.MDB_NOSYNC, EnvFlags.MDB_NOTLS));
    }

    /** In its append mode. */
    @Override
    public void bulkLoad(Dataset dataset, int[] ascending) {
        load(dataset, ascending, PutFlags.MDB_APPEND);
    }

    @Override
    public void load(Dataset dataset, int[] order) {
        load(dataset, order, new PutFlags[0]);
    }

    private void load(Dataset dataset, int[] order, PutFlags... flags) {
        for (int from = 0; from < dataset.records(); from += LOAD_BATCH) {
            try (Txn<ByteBuffer> writer = env.txnWrite()) {
                int to = Math.min(from + LOAD_BATCH, dataset.records());
                for (int i = from; i < to; i++) {
                    int index = order == null ? i : order[i];
                    dbi.put(writer, key(dataset.key(index)), value(dataset.value(index)), flags);
                }
                writer.commit();
            }
        }
    }

    @Override
    public int get(byte[] key, byte[] target) {
        reader.renew();
        try {
            ByteBuffer value = dbi.get(reader, key(key));
            if (value == null) {
                return ABSENT;
            }
            int length = value.remaining();
            value.get(target, 0, length);
            return length;
        } finally {
            reader.reset();
        }
    }

    @Override
    public void getMany(byte[][] keys, byte[][] targets, int[] lengths) {
        reader.renew();
        try {
            for (int i = 0; i < keys.length; i++) {
                ByteBuffer value = dbi.get(reader, key(keys[i]));
                lengths[i] = value == null ? ABSENT : value.remaining();
                if (value != null) {
                    value.get(targets[i], 0, lengths[i]);
                }
            }
        } finally {
            reader.reset();
        }
    }

    @Override
    public void rename(byte[] from, byte[] to) {
        try (Txn<ByteBuffer> writer = env.txnWrite()) {
            valueBuffer.clear().put(dbi.get(writer, key(from))).flip();
            dbi.put(writer, key(to), valueBuffer);
            dbi.delete(writer, key(from));
            writer.commit();
        }
    }

    @Override
    public void put(byte[] key, byte[] value) {
        try (Txn<ByteBuffer> writer = env.txnWrite()) {
            dbi.put(writer, key(key), value(value));
            writer.commit();
        }
    }

    @Override
    public void delete(byte[] key) {
        try (Txn<ByteBuffer> writer = env.txnWrite()) {
            dbi.delete(writer, key(key));
            writer.commit();
        }
    }

    @Override
    public void list(byte[] prefix, int limit, List<byte[]> target) {
        walk(prefix, limit, () -> {
            target.add(copy(cursor.key()));
            target.add(copy(cursor.val()));
        });
    }

    @Override
    public void listKeys(byte[] prefix, int limit, Tally tally) {
        walk(prefix, limit, () -> {
            ByteBuffer key = cursor.key();
            int length = key.remaining();
            tally.add(length, key.get(length - 1));
        });
    }

    private void walk(byte[] prefix, int limit, Runnable visit) {
        reader.renew();
        try {
            cursor.renew(reader);
            boolean found = cursor.get(key(prefix), GetOp.MDB_SET_RANGE);
            for (int i = 0; i < limit && found && startsWith(cursor.key(), prefix); i++) {
                visit.run();
                found = cursor.next();
            }
        } finally {
            reader.reset();
        }
    }

    @Override
    public void listDirectories(byte[] root, byte delimiter, int limit, Tally tally) {
        reader.renew();
        try {
            cursor.renew(reader);
            boolean found = cursor.get(key(root), GetOp.MDB_SET_RANGE);
            for (int i = 0; i < limit && found && startsWith(cursor.key(), root); i++) {
                byte[] key = copy(cursor.key());
                int length = KeyValueEngine.directoryBytes(key, root.length, delimiter);
                tally.add(length, key[length - 1]);
                found = cursor.get(key(KeyValueEngine.beyond(key, length)), GetOp.MDB_SET_RANGE);
            }
        } finally {
            reader.reset();
        }
    }

    @Override
    public void iterate(Tally tally) {
        reader.renew();
        try {
            cursor.renew(reader);
            for (boolean found = cursor.seek(SeekOp.MDB_FIRST); found; found = cursor.next()) {
                ByteBuffer value = cursor.val();
                tally.add(cursor.key().remaining() + value.remaining(), value.get(0));
            }
        } finally {
            reader.reset();
        }
    }

    @Override
    public void deletePrefix(byte[] prefix) {
        try (Txn<ByteBuffer> writer = env.txnWrite()) {
            try (Cursor<ByteBuffer> deleter = dbi.openCursor(writer)) {
                while (deleter.get(key(prefix), GetOp.MDB_SET_RANGE) && startsWith(deleter.key(), prefix)) {
                    deleter.delete();
                }
            }
            writer.commit();
        }
    }

    @Override
    public AutoCloseable snapshot() {
        return env.txnRead();
    }

    @Override
    public OptionalLong storedBytes() {
        reader.renew();
        try {
            Stat stat = dbi.stat(reader);
            return OptionalLong.of(stat.pageSize * (stat.branchPages + stat.leafPages + stat.overflowPages));
        } finally {
            reader.reset();
        }
    }

    @Override
    public void close() {
        cursor.close();
        reader.close();
        env.close();
    }

    private ByteBuffer key(byte[] key) {
        return keyBuffer.clear().put(key).flip();
    }

    private ByteBuffer value(byte[] value) {
        return valueBuffer.clear().put(value).flip();
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    private static boolean startsWith(ByteBuffer key, byte[] prefix) {
        if (key.remaining() < prefix.length) {
            return false;
        }
        // From the end: keys under one root differ there.
        for (int i = prefix.length - 1; i >= 0; i--) {
            if (key.get(i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
