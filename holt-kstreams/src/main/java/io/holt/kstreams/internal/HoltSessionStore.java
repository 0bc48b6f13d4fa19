package io.holt.kstreams.internal;

import java.util.Arrays;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.internals.SessionKeySchema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A persistent store of sessions. Iterators give records by bucket, then key, then the end of the session; those over
 * times of a store that is indexed by time, by the end of the session and then its start.
 */
public class HoltSessionStore extends AbstractTimedStore implements SessionStore<Bytes, byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(HoltSessionStore.class);
    private static final SessionKeySchema SCHEMA = new SessionKeySchema();

    HoltSessionStore(String name, StoreKind kind, SegmentSettings segments, StoreDatabases databases) {
        super(name, kind, segments, SessionKey.FORMAT, databases);
    }

    @Override
    final String metricsScope() {
        return HoltSessionSupplier.METRICS_SCOPE;
    }

    @Override
    public void put(Windowed<Bytes> sessionKey, byte[] aggregate) {
        putRecord(treeKey(sessionKey), aggregate);
    }

    @Override
    public void remove(Windowed<Bytes> sessionKey) {
        removeRecord(treeKey(sessionKey));
    }

    private static byte[] treeKey(Windowed<Bytes> sessionKey) {
        Objects.requireNonNull(sessionKey, "sessionKey cannot be null");
        Objects.requireNonNull(sessionKey.key(), "sessionKey.key() cannot be null");
        return SessionKey.of(
                sessionKey.key().get(),
                sessionKey.window().start(),
                sessionKey.window().end());
    }

    @Override
    public byte[] fetchSession(Bytes key, long sessionStartTime, long sessionEndTime) {
        Objects.requireNonNull(key, "key cannot be null");
        return getRecord(SessionKey.of(key.get(), sessionStartTime, sessionEndTime));
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> fetch(Bytes key) {
        return findSessions(key, 0, Long.MAX_VALUE);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> backwardFetch(Bytes key) {
        return backwardFindSessions(key, 0, Long.MAX_VALUE);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> fetch(Bytes keyFrom, Bytes keyTo) {
        return findSessions(keyFrom, keyTo, 0, Long.MAX_VALUE);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> backwardFetch(Bytes keyFrom, Bytes keyTo) {
        return backwardFindSessions(keyFrom, keyTo, 0, Long.MAX_VALUE);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> findSessions(
            Bytes key, long earliestSessionEndTime, long latestSessionStartTime) {
        return find(key, earliestSessionEndTime, latestSessionStartTime, false);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> backwardFindSessions(
            Bytes key, long earliestSessionEndTime, long latestSessionStartTime) {
        return find(key, earliestSessionEndTime, latestSessionStartTime, true);
    }

    private KeyValueIterator<Windowed<Bytes>, byte[]> find(Bytes key, long endFrom, long startTo, boolean reverse) {
        Objects.requireNonNull(key, "key cannot be null");
        long from = Math.max(endFrom, firstLive());
        byte[] low = SessionKey.of(key.get(), 0, Math.max(0, from));
        byte[] high = SessionKey.of(key.get(), startTo, Long.MAX_VALUE);
        return walk(from, withoutBucket(low), withoutBucket(high), reverse, SessionKey.filter(key, key, from, startTo));
    }

    private static byte[] withoutBucket(byte[] key) {
        return Arrays.copyOfRange(key, BucketKey.PREFIX_BYTES, key.length);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> findSessions(
            Bytes keyFrom, Bytes keyTo, long earliestSessionEndTime, long latestSessionStartTime) {
        return find(keyFrom, keyTo, earliestSessionEndTime, latestSessionStartTime, false);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> backwardFindSessions(
            Bytes keyFrom, Bytes keyTo, long earliestSessionEndTime, long latestSessionStartTime) {
        return find(keyFrom, keyTo, earliestSessionEndTime, latestSessionStartTime, true);
    }

    private KeyValueIterator<Windowed<Bytes>, byte[]> find(
            Bytes keyFrom, Bytes keyTo, long endFrom, long startTo, boolean reverse) {
        if (keyFrom != null && keyTo != null && keyFrom.compareTo(keyTo) > 0) {
            LOG.warn(INVALID_RANGE_WARNING);
            return new EmptyIterator<>();
        }
        long from = Math.max(endFrom, firstLive());
        byte[] low = keyFrom == null ? null : SCHEMA.lowerRange(keyFrom, from).get();
        byte[] high = keyTo == null ? null : SCHEMA.upperRange(keyTo, startTo).get();
        return walk(from, low, high, reverse, SessionKey.filter(keyFrom, keyTo, from, startTo));
    }

    /** Over the buckets of sessions that end at a time or later. */
    private KeyValueIterator<Windowed<Bytes>, byte[]> walk(
            long endFrom, byte[] low, byte[] high, boolean reverse, RecordFilter filter) {
        OpenStore store = openStore();
        return store.iterateLater(
                () -> {
                    long[] buckets = store.buckets().between(store.buckets().of(endFrom), Long.MAX_VALUE);
                    return buckets.length == 0
                            ? null
                            : Walk.over(store.data(), BucketScans.of(buckets, low, high, reverse), filter);
                },
                SessionKey::read);
    }

    /**
     * The sessions that end from one time to another. By these times a store gives what closed lately, so they may
     * be behind the retention, as long as the records are there.
     */
    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> findSessions(
            long earliestSessionEndTime, long latestSessionEndTime) {
        OpenStore store = openStore();
        if (latestSessionEndTime < Math.max(earliestSessionEndTime, 0)) {
            return new EmptyIterator<>();
        }
        boolean isIndexed = store.side() != null;
        return store.iterateLater(
                () -> {
                    Buckets buckets = store.buckets();
                    long[] found =
                            buckets.between(buckets.of(earliestSessionEndTime), buckets.of(latestSessionEndTime));
                    if (found.length == 0) {
                        return null;
                    } else if (isIndexed) {
                        Scans scans = BucketScans.ofTimes(found, earliestSessionEndTime, latestSessionEndTime, false);
                        return Walk.overIndex(store.side(), scans, store.data(), SessionKey::fromTimes);
                    }
                    RecordFilter filter = SessionKey.endFilter(earliestSessionEndTime, latestSessionEndTime);
                    return Walk.over(store.data(), BucketScans.of(found, null, null, false), filter);
                },
                isIndexed ? SessionKey::readTimes : SessionKey::read);
    }
}
