package io.holt.kstreams.internal;

import io.holt.api.HoltDb;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.query.Position;

/**
 * What a commit writes beside the data: how far the data goes, in the changelog and in the input topics. It is one
 * record in a tree of its own, so that it becomes durable with the data or not at all (I4).
 *
 * <pre>
 *  0        2        3        4                8                 12                      20           24
 * +--------+--------+--------+----------------+-----------------+-----------------------+------------+
 * | version|  kind  | flags  | offset entries |position entries | milliseconds a bucket | generation |
 * +--------+--------+--------+----------------+-----------------+-----------------------+------------+
 * each entry, the offsets first, in any order:
 *  0                          8                 12       14
 * +--------------------------+-----------------+--------+--------- - - +
 * |          offset          |    partition    | bytes  | topic, UTF-8 |
 * +--------------------------+-----------------+--------+--------- - - +
 * </pre>
 *
 * Little-endian. Flags: 1 = the data has writes that no commit settled; 2 = there is a tree in order of time.
 *
 * @param layout what the store is and how its records lie
 * @param unsettled whether the data has writes after the last commit, of a transaction whose outcome is unknown
 * @param offsets the committed changelog offset of each partition; sentinels of Kafka Streams are kept as they are
 * @param position how far the input topics are reflected in the data
 */
record CommitRecord(StoreLayout layout, boolean unsettled, Map<TopicPartition, Long> offsets, Position position) {

    static final int VERSION = 2;

    private static final byte[] KEY = {};
    private static final int FLAG_UNSETTLED = 1;
    private static final int FLAG_TIME_INDEX = 2;
    private static final int HEADER_BYTES = 24;
    private static final int ENTRY_HEADER_BYTES = 14;

    /** The record of a store that was never committed. */
    static CommitRecord empty(StoreLayout layout) {
        return new CommitRecord(layout, false, Map.of(), Position.emptyPosition());
    }

    /**
     * Reads what the newest commit of a database wrote.
     *
     * @return null if there was none
     * @throws IllegalArgumentException if it can't be read
     */
    static CommitRecord read(HoltDb db) {
        byte[] record = db.tree(StoreTrees.COMMITS).get(KEY);
        return record == null ? null : decode(record);
    }

    /** Makes this the commit record of a database, from its next checkpoint on. */
    void write(HoltDb db) {
        db.tree(StoreTrees.COMMITS).put(KEY, encode());
    }

    byte[] encode() {
        List<Entry> entries = new ArrayList<>();
        offsets.forEach(
                (partition, offset) -> entries.add(new Entry(partition.topic(), partition.partition(), offset)));
        int offsetEntries = entries.size();
        for (String topic : position.getTopics()) {
            position.getPartitionPositions(topic)
                    .forEach((partition, offset) -> entries.add(new Entry(topic, partition, offset)));
        }
        int bytes = HEADER_BYTES;
        for (Entry entry : entries) {
            bytes += ENTRY_HEADER_BYTES + entry.topicBytes().length;
        }
        ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int flags = (unsettled ? FLAG_UNSETTLED : 0) | (layout.isTimeIndexed() ? FLAG_TIME_INDEX : 0);
        out.putShort((short) VERSION).put((byte) layout.kind().code()).put((byte) flags);
        out.putInt(offsetEntries).putInt(entries.size() - offsetEntries).putLong(layout.bucketMillis());
        out.putInt(layout.generation());
        for (Entry entry : entries) {
            byte[] topic = entry.topicBytes();
            out.putLong(entry.offset)
                    .putInt(entry.partition)
                    .putShort((short) topic.length)
                    .put(topic);
        }
        return out.array();
    }

    /**
     * Reads a record.
     *
     * @throws IllegalArgumentException if it is none, or one of a newer version; the message says what is wrong
     */
    static CommitRecord decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < HEADER_BYTES) {
            throw new IllegalArgumentException("its commit record has " + bytes.length + " bytes, too few");
        }
        int version = Short.toUnsignedInt(in.getShort());
        if (version != VERSION) {
            throw new IllegalArgumentException("its commit record is of version " + version + ", not " + VERSION);
        }
        int kindCode = Byte.toUnsignedInt(in.get());
        StoreKind kind = StoreKind.ofCode(kindCode);
        if (kind == null) {
            throw new IllegalArgumentException("its commit record names the unknown kind of store " + kindCode);
        }
        int flags = in.get();
        int offsetEntries = in.getInt();
        int positionEntries = in.getInt();
        StoreLayout layout = new StoreLayout(kind, in.getLong(), (flags & FLAG_TIME_INDEX) != 0, in.getInt());
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (int i = 0; i < offsetEntries; i++) {
            Entry entry = Entry.read(in);
            offsets.put(new TopicPartition(entry.topic, entry.partition), entry.offset);
        }
        Position position = Position.emptyPosition();
        for (int i = 0; i < positionEntries; i++) {
            Entry entry = Entry.read(in);
            position.withComponent(entry.topic, entry.partition, entry.offset);
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("its commit record has " + in.remaining() + " bytes too many");
        }
        return new CommitRecord(layout, (flags & FLAG_UNSETTLED) != 0, Map.copyOf(offsets), position);
    }

    private record Entry(String topic, int partition, long offset) {

        byte[] topicBytes() {
            return topic.getBytes(StandardCharsets.UTF_8);
        }

        static Entry read(ByteBuffer in) {
            if (in.remaining() < ENTRY_HEADER_BYTES) {
                throw new IllegalArgumentException("its commit record ends within an entry");
            }
            long offset = in.getLong();
            int partition = in.getInt();
            byte[] topic = new byte[Short.toUnsignedInt(in.getShort())];
            if (in.remaining() < topic.length) {
                throw new IllegalArgumentException("its commit record ends within the name of a topic");
            }
            in.get(topic);
            return new Entry(new String(topic, StandardCharsets.UTF_8), partition, offset);
        }
    }
}
