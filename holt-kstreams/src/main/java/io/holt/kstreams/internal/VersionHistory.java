package io.holt.kstreams.internal;

import io.holt.api.Cursor;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.streams.state.VersionedKeyValueStore;
import org.apache.kafka.streams.state.VersionedRecord;

/**
 * The versions of the keys of a versioned store: the latest ones in one tree, those before in buckets of another, see
 * {@link VersionRecord}.
 *
 * <p>Invariant: a version that is not the latest one says itself up to when it was valid, and that is the timestamp of
 * the version or deletion that came after it. So a read needs one record, whatever has expired around it.
 *
 * <p>Threads: the caller holds the store's lock, so that no one sees a version on its way from one tree to the other.
 */
final class VersionHistory {

    private static final long NO_TIMESTAMP = Long.MIN_VALUE;

    private final HoltTree latest;
    private final HoltTree history;
    private final Buckets buckets;

    VersionHistory(OpenStore store) {
        this.latest = store.data();
        this.history = store.side();
        this.buckets = store.buckets();
    }

    /** A record of the tree of history. */
    private static final class Found {
        private final byte[] treeKey;
        private final long timestamp;
        private final long validTo;
        private final byte[] value;

        Found(byte[] treeKey, long timestamp, long validTo, byte[] value) {
            this.treeKey = treeKey;
            this.timestamp = timestamp;
            this.validTo = validTo;
            this.value = value;
        }
    }

    /**
     * Puts a version, or a deletion if the value is null. A write has begun.
     *
     * @throws io.holt.api.KeyTooLongException if later versions of the key would find no place
     * @return up to when it is valid, or {@link VersionedKeyValueStore#PUT_RETURN_CODE_VALID_TO_UNDEFINED} if it is
     *     the latest
     */
    long put(byte[] key, byte[] value, long timestamp) {
        VersionRecord.checkKey(key);
        byte[] present = latest.get(key);
        if (present != null && timestamp >= VersionRecord.latestTimestamp(present)) {
            if (timestamp > VersionRecord.latestTimestamp(present)) {
                addVersion(key, VersionRecord.latestTimestamp(present), timestamp, VersionRecord.latestValue(present));
            }
            putLatest(key, value, timestamp);
            return VersionedKeyValueStore.PUT_RETURN_CODE_VALID_TO_UNDEFINED;
        }
        return putBefore(key, value, timestamp, present);
    }

    private void putLatest(byte[] key, byte[] value, long timestamp) {
        if (value == null) {
            latest.delete(key);
            addDeletion(key, timestamp);
        } else {
            latest.put(key, VersionRecord.latest(timestamp, value));
        }
    }

    /** Puts what is not later than the latest version, if there is one. */
    private long putBefore(byte[] key, byte[] value, long timestamp, byte[] present) {
        long next = present == null ? NO_TIMESTAMP : VersionRecord.latestTimestamp(present);
        for (long bucket : buckets.between(buckets.of(timestamp), Long.MAX_VALUE)) {
            Found before = floor(bucket, key, timestamp);
            if (before != null && before.timestamp == timestamp) {
                // Replaced by what is put below, maybe in another bucket.
                history.delete(before.treeKey);
            } else if (before != null && before.validTo > timestamp) {
                history.delete(before.treeKey);
                addVersion(key, before.timestamp, timestamp, before.value);
            }
            next = earlier(next, ceiling(bucket, key, timestamp));
        }
        if (next == NO_TIMESTAMP) {
            putLatest(key, value, timestamp);
            return VersionedKeyValueStore.PUT_RETURN_CODE_VALID_TO_UNDEFINED;
        }
        if (value == null) {
            addDeletion(key, timestamp);
        } else {
            addVersion(key, timestamp, next, value);
        }
        return next;
    }

    private static long earlier(long known, long candidate) {
        if (known == NO_TIMESTAMP || candidate == NO_TIMESTAMP) {
            return known == NO_TIMESTAMP ? candidate : known;
        }
        return Math.min(known, candidate);
    }

    private void addVersion(byte[] key, long timestamp, long validTo, byte[] value) {
        long bucket = buckets.of(validTo);
        history.put(VersionRecord.historyKey(bucket, key, timestamp), VersionRecord.version(validTo, value));
        buckets.add(bucket);
    }

    private void addDeletion(byte[] key, long timestamp) {
        long bucket = buckets.of(timestamp);
        history.put(VersionRecord.historyKey(bucket, key, timestamp), VersionRecord.deletion(timestamp));
        buckets.add(bucket);
    }

    /** The latest version, or null if there is none or the key was deleted. */
    VersionedRecord<byte[]> get(byte[] key) {
        byte[] present = latest.get(key);
        return present == null ? null : latestRecord(present);
    }

    private static VersionedRecord<byte[]> latestRecord(byte[] present) {
        return new VersionedRecord<>(VersionRecord.latestValue(present), VersionRecord.latestTimestamp(present));
    }

    /** The latest version if it is not later than a time, else null. */
    VersionedRecord<byte[]> latestUpTo(byte[] key, long time) {
        byte[] present = latest.get(key);
        return present == null || VersionRecord.latestTimestamp(present) > time ? null : latestRecord(present);
    }

    /** The version that was valid at a time, or null if there was none. */
    VersionedRecord<byte[]> get(byte[] key, long time) {
        VersionedRecord<byte[]> newest = latestUpTo(key, time);
        if (newest != null) {
            return newest;
        }
        for (long bucket : buckets.between(buckets.of(time), Long.MAX_VALUE)) {
            Found found = floor(bucket, key, time);
            // A deletion's "valid to" is its own time, so it is never the answer.
            if (found != null && found.validTo > time) {
                return new VersionedRecord<>(found.value, found.timestamp, found.validTo);
            }
        }
        return null;
    }

    /** The versions that were valid at any moment from one time to another, both included, newest first. */
    List<VersionedRecord<byte[]>> get(byte[] key, long from, long to) {
        List<VersionedRecord<byte[]>> versions = new ArrayList<>();
        for (long bucket : buckets.between(Long.MIN_VALUE, Long.MAX_VALUE)) {
            byte[] low = VersionRecord.historyKey(bucket, key, Long.MIN_VALUE);
            byte[] high = VersionRecord.historyKey(bucket, key, to);
            try (Cursor cursor = history.scan(Scan.all().from(low, true).to(high, true))) {
                while (cursor.next()) {
                    byte[] array = cursor.valueArray();
                    int offset = cursor.valueOffset();
                    if (!VersionRecord.isDeletion(array, offset) && VersionRecord.validTo(array, offset) > from) {
                        versions.add(new VersionedRecord<>(
                                VersionRecord.valueOf(array, offset, cursor.valueLength()),
                                VersionRecord.timestamp(cursor.keyArray(), cursor.keyOffset(), cursor.keyLength()),
                                VersionRecord.validTo(array, offset)));
                    }
                }
            }
        }
        VersionedRecord<byte[]> newest = latestUpTo(key, to);
        if (newest != null) {
            versions.add(newest);
        }
        versions.sort(Comparator.comparingLong((VersionedRecord<byte[]> version) -> version.timestamp())
                .reversed());
        return versions;
    }

    /** Drops the buckets of what expired before a time. A write has begun. */
    void expire(long time) {
        long first = buckets.of(time);
        if (buckets.hasBefore(first)) {
            buckets.dropBefore(first, null);
        }
    }

    /** The newest record of a key in a bucket that is not later than a time, or null. */
    private Found floor(long bucket, byte[] key, long time) {
        byte[] low = VersionRecord.historyKey(bucket, key, Long.MIN_VALUE);
        byte[] high = VersionRecord.historyKey(bucket, key, time);
        try (Cursor cursor = history.scan(
                Scan.all().from(low, true).to(high, true).reversed().limit(1))) {
            if (!cursor.next()) {
                return null;
            }
            byte[] array = cursor.valueArray();
            int offset = cursor.valueOffset();
            return new Found(
                    cursor.key(),
                    VersionRecord.timestamp(cursor.keyArray(), cursor.keyOffset(), cursor.keyLength()),
                    VersionRecord.validTo(array, offset),
                    VersionRecord.valueOf(array, offset, cursor.valueLength()));
        }
    }

    /** The timestamp of the oldest record of a key in a bucket that is later than a time, or {@link #NO_TIMESTAMP}. */
    private long ceiling(long bucket, byte[] key, long time) {
        byte[] low = VersionRecord.historyKey(bucket, key, time);
        byte[] high = VersionRecord.historyKey(bucket, key, Long.MAX_VALUE);
        try (Cursor cursor = history.scan(
                Scan.all().from(low, false).to(high, true).keysOnly().limit(1))) {
            return cursor.next()
                    ? VersionRecord.timestamp(cursor.keyArray(), cursor.keyOffset(), cursor.keyLength())
                    : NO_TIMESTAMP;
        }
    }
}
