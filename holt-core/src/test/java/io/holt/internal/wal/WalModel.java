package io.holt.internal.wal;

import io.holt.api.Durability;
import io.holt.internal.io.IoEngine;
import io.holt.testkit.OffHeap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** What a log must say, as a list on the heap, and how the tests open and read logs. */
final class WalModel {

    static final Path DIRECTORY = Path.of("/store");
    static final UUID STORE_ID = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);

    /** One record as text: contents are told by length and hash. */
    record Entry(long lsn, int type, int treeId, String key, String value) {}

    private WalModel() {}

    static String digest(byte[] bytes, int offset, int count) {
        byte[] copy = Arrays.copyOfRange(bytes, offset, offset + count);
        return count + ":" + Arrays.hashCode(copy);
    }

    static WalConfig config(Durability durability, long segmentBytes, OffHeap staging, int stagingBytes) {
        return new WalConfig(STORE_ID, durability, segmentBytes, staging.address(), stagingBytes);
    }

    /** Appends a random record, as array or segment, and says what it was. */
    static Entry append(WalWriter writer, Random random, int mostValueBytes) {
        int type = 1 + random.nextInt(5);
        int treeId = random.nextInt();
        byte[] key = new byte[random.nextInt(20) == 0 ? random.nextInt(65_536) : random.nextInt(40)];
        random.nextBytes(key);
        byte[] value = new byte[type == WalRecord.PUT ? random.nextInt(mostValueBytes + 1) : 0];
        random.nextBytes(value);
        int keyOffset = key.length == 0 ? 0 : random.nextInt(key.length);
        int keyBytes = key.length - keyOffset;
        int valueOffset = value.length == 0 ? 0 : random.nextInt(value.length);
        int valueBytes = value.length - valueOffset;
        long lsn;
        switch (random.nextInt(3)) {
            case 0 ->
                lsn = writer.append(
                        type,
                        treeId,
                        key,
                        keyOffset,
                        keyBytes,
                        MemorySegment.ofArray(value).asSlice(valueOffset));
            case 1 -> {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment segment = arena.allocate(Math.max(1, valueBytes));
                    MemorySegment.copy(MemorySegment.ofArray(value), valueOffset, segment, 0, valueBytes);
                    lsn = writer.append(type, treeId, key, keyOffset, keyBytes, segment.asSlice(0, valueBytes));
                }
            }
            default -> lsn = writer.append(type, treeId, key, keyOffset, keyBytes, value, valueOffset, valueBytes);
        }
        return new Entry(lsn, type, treeId, digest(key, keyOffset, keyBytes), digest(value, valueOffset, valueBytes));
    }

    /** A log's end, and the records before it. */
    record Replayed(WalEnd end, List<Entry> entries) {}

    static Replayed replay(IoEngine engine, Path directory, long fromLsn) {
        List<Entry> entries = new ArrayList<>();
        WalEnd end = WalReader.replay(
                engine,
                directory,
                STORE_ID,
                fromLsn,
                (lsn, type, treeId, key, keyOffset, keyBytes, value, valueOffset, valueBytes) -> entries.add(new Entry(
                        lsn, type, treeId, digest(key, keyOffset, keyBytes), digest(value, valueOffset, valueBytes))));
        return new Replayed(end, entries);
    }

    static List<Entry> from(List<Entry> entries, long lsn) {
        return entries.stream().filter(entry -> entry.lsn() >= lsn).toList();
    }
}
