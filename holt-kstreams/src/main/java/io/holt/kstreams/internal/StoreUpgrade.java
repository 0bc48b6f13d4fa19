package io.holt.kstreams.internal;

import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.kstreams.internal.StoreKind.Family;
import java.util.Objects;

/**
 * Lays the records of a store out anew: with what a later kind of store has before its values, in buckets of another
 * size, with or without a tree in order of time.
 *
 * <p>The records are copied to new trees, then the commit record names those, then the old ones are dropped. So at any
 * moment the trees that the record names are whole, whatever fails, and whatever is durable when the process ends.
 */
final class StoreUpgrade {

    private final HoltDb db;
    private final StoreLayout from;
    private final StoreLayout to;
    private final CommitRecord commit;
    private final byte[] valuePrefix;

    /**
     * @param from how the records lie
     * @param commit what the store's commit record is to be, with the layout in which they shall lie: in another
     *     generation; of the same kind, or of a later one of the same family
     */
    StoreUpgrade(HoltDb db, StoreLayout from, CommitRecord commit) {
        this.db = db;
        this.from = from;
        this.to = commit.layout();
        this.commit = commit;
        this.valuePrefix = from.kind() == to.kind()
                ? new byte[0]
                : Objects.requireNonNull(to.kind().upgradePrefix(from.kind()), "an upgrade of a store of this kind");
    }

    /**
     * Does it.
     *
     * @return how many records were copied
     * @throws io.holt.api.HoltException if they could not be; the old trees are as they were
     */
    long run() {
        // Trees of that name are left of an attempt that failed.
        dropTrees(to);
        long records;
        try {
            records = copyData();
            if (to.kind().family() == Family.VERSIONED) {
                records += copyHistory();
            }
        } catch (RuntimeException e) {
            dropTrees(to);
            throw e;
        }
        commit.write(db);
        dropTrees(from);
        return records;
    }

    /** Drops what an upgrade that was interrupted left of other layouts than the present one. */
    static void dropLeftOvers(HoltDb db, StoreLayout present) {
        for (String tree : db.treeNames()) {
            if (StoreTrees.isOfAnotherLayout(tree, present)) {
                db.dropTree(tree);
            }
        }
    }

    private void dropTrees(StoreLayout layout) {
        db.dropTree(StoreTrees.data(layout));
        String side = StoreTrees.side(layout);
        if (side != null) {
            db.dropTree(side);
        }
    }

    private long copyData() {
        TimedKeyFormat keys = keysOf(to.kind().family());
        HoltTree target = db.tree(StoreTrees.data(to));
        HoltTree times = to.isTimeIndexed() ? db.tree(StoreTrees.side(to)) : null;
        long records = 0;
        try (Cursor cursor = db.tree(StoreTrees.data(from)).scan(Scan.all())) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                if (keys != null) {
                    BucketKey.putPrefix(key, keys.time(key) / to.bucketMillis());
                }
                target.put(key, prefixed(cursor.value()));
                if (times != null) {
                    times.put(keys.toTimes(key), new byte[0]);
                }
                records++;
            }
        }
        return records;
    }

    /** Null if the keys of the family have no time. */
    private static TimedKeyFormat keysOf(Family family) {
        return switch (family) {
            case WINDOW -> WindowKey.FORMAT;
            case SESSION -> SessionKey.FORMAT;
            default -> null;
        };
    }

    private byte[] prefixed(byte[] value) {
        if (valuePrefix.length == 0) {
            return value;
        }
        byte[] whole = new byte[valuePrefix.length + value.length];
        System.arraycopy(valuePrefix, 0, whole, 0, valuePrefix.length);
        System.arraycopy(value, 0, whole, valuePrefix.length, value.length);
        return whole;
    }

    private long copyHistory() {
        HoltTree target = db.tree(StoreTrees.side(to));
        long records = 0;
        try (Cursor cursor = db.tree(StoreTrees.side(from)).scan(Scan.all())) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                byte[] value = cursor.value();
                BucketKey.putPrefix(key, VersionRecord.bucketTime(value) / to.bucketMillis());
                target.put(key, value);
                records++;
            }
        }
        return records;
    }
}
