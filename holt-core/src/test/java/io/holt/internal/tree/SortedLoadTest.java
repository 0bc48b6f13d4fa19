package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.MemoryBudgetException;
import io.holt.api.TreeStats;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.wal.BatchRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that were made of sorted records hold what a model holds, are whole, and go on as any others. */
class SortedLoadTest {

    private static final int PORTION_BYTES = 2 << 20;
    private static final int SEGMENTS = 9;

    /** Keys and values of many shapes; about so many bytes. */
    private static NavigableMap<byte[], byte[]> records(Random random, long bytes) {
        NavigableMap<byte[], byte[]> records = new TreeMap<>(Arrays::compareUnsigned);
        long left = bytes;
        while (left > 0) {
            StringBuilder directory = new StringBuilder();
            for (int level = random.nextInt(4); level > 0; level--) {
                directory.append((char) ('a' + random.nextInt(6)));
                directory.append("/a-common-part-".repeat(random.nextInt(12) == 0 ? random.nextInt(300) : 0));
            }
            int files = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : random.nextInt(6_000);
            int valueBytes = random.nextInt(4) == 0 ? random.nextInt(3000) : random.nextInt(120);
            boolean counts = random.nextBoolean();
            for (int file = 0; file < files && left > 0; file++) {
                String name =
                        counts ? "%05d".formatted(file) : Integer.toString(random.nextInt(), 3 + random.nextInt(33));
                byte[] key = (directory + name.substring(random.nextInt(50) == 0 ? random.nextInt(name.length()) : 0))
                        .getBytes(StandardCharsets.ISO_8859_1);
                byte[] value = new byte[random.nextInt(3000) == 0 ? random.nextInt(65_537) : valueBytes];
                random.nextBytes(value);
                records.put(key, value);
                left -= key.length + value.length;
            }
        }
        records.put(new byte[0], new byte[] {1});
        return records;
    }

    /** As a bulk loader does; returns how many of the batches were left a part of. */
    private static int load(TreeRig rig, Map<byte[], byte[]> records) {
        SortedLoad load = new SortedLoad();
        BatchRecord batch = new BatchRecord();
        int parted = 0;
        for (Map.Entry<byte[], byte[]> entry : records.entrySet()) {
            byte[] key = entry.getKey();
            byte[] value = entry.getValue();
            batch.add(BatchRecord.PUT, false, 1, key, 0, key.length, value, 0, value.length);
            if (batch.length() > PORTION_BYTES) {
                new BatchPath(rig.core, Map.of(1, rig.tree)).load(batch, load.followed(true));
                assertThat(load.taken()).isBetween(1, batch.entries());
                if (load.taken() < batch.entries()) {
                    batch.removeBefore(load.takenTo(), load.taken());
                    parted++;
                } else {
                    batch.clear();
                }
            }
        }
        if (batch.entries() > 0) {
            new BatchPath(rig.core, Map.of(1, rig.tree)).load(batch, load.followed(false));
            assertThat(load.taken()).isEqualTo(batch.entries());
        }
        return parted;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void loadsIntoGapsAreWhatAModelHas(long seed) {
        Random random = new Random(seed);
        NavigableMap<byte[], byte[]> all = records(random, 7_000_000);
        List<byte[]> keys = new ArrayList<>(all.keySet());
        int[] cuts = random.ints(SEGMENTS - 1, 0, keys.size()).sorted().toArray();
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        try (TreeRig rig = new TreeRig(400)) {
            List<NavigableMap<byte[], byte[]>> loads = new ArrayList<>();
            for (int segment = 0; segment < SEGMENTS; segment++) {
                int from = segment == 0 ? 0 : cuts[segment - 1];
                int to = segment == SEGMENTS - 1 ? keys.size() : cuts[segment];
                if (from == to) {
                    continue;
                }
                NavigableMap<byte[], byte[]> part = all.subMap(keys.get(from), true, keys.get(to - 1), true);
                if (random.nextInt(3) > 0) {
                    loads.add(part);
                } else {
                    part.forEach(rig::put);
                    model.putAll(part);
                }
            }
            Collections.shuffle(loads, random);
            for (NavigableMap<byte[], byte[]> load : loads) {
                SnapshotHandle before = rig.snapshot();
                load(rig, load);
                rig.assertHolds(model, before);
                rig.core.closeSnapshot(before);
                model.putAll(load);
                rig.audit();
            }
            rig.assertHolds(model, null);
            change(rig, model, keys, random);
            rig.assertHolds(model, null);
            rig.audit();
        }
    }

    /** Loaded frames are divided, merged, emptied and loaded again. */
    private static void change(TreeRig rig, NavigableMap<byte[], byte[]> model, List<byte[]> keys, Random random) {
        for (int step = 0; step < 20_000; step++) {
            byte[] key = keys.get(random.nextInt(keys.size()));
            if (random.nextInt(400) == 0) {
                byte[] prefix = Arrays.copyOf(key, random.nextInt(key.length + 1));
                NavigableMap<byte[], byte[]> below = below(model, prefix);
                if (below.size() < 3_000) {
                    assertThat(rig.deletePrefix(prefix)).isEqualTo(!below.isEmpty());
                    below.clear();
                }
            } else if (random.nextBoolean()) {
                assertThat(rig.delete(key)).isEqualTo(model.remove(key) != null);
            } else {
                byte[] longer = Arrays.copyOf(key, key.length + random.nextInt(3));
                byte[] value = new byte[random.nextInt(300)];
                rig.put(longer, value);
                model.put(longer, value);
            }
        }
        rig.audit();
        // Among others, so record by record; and what comes behind all of them.
        NavigableMap<byte[], byte[]> more = new TreeMap<>(Arrays::compareUnsigned);
        keys.forEach(key -> more.put(key, new byte[40]));
        load(rig, more);
        model.putAll(more);
        rig.audit();
    }

    private static NavigableMap<byte[], byte[]> below(NavigableMap<byte[], byte[]> model, byte[] prefix) {
        byte[] end = Arrays.copyOf(prefix, prefix.length + 5_000);
        Arrays.fill(end, prefix.length, end.length, (byte) 0xFF);
        return model.subMap(prefix, true, end, true);
    }

    @Test
    void framesOfPathsAreFullEnoughAndNoneIsDivided() {
        NavigableMap<byte[], byte[]> records = new TreeMap<>(Arrays::compareUnsigned);
        for (int i = 0; i < 300_000; i++) {
            records.put(
                    "bucket-%02d/path/sub/file-%06d.bin"
                            .formatted(i / 20_000, i % 20_000)
                            .getBytes(StandardCharsets.US_ASCII),
                    new byte[50]);
        }
        try (TreeRig rig = new TreeRig(200)) {
            assertThat(load(rig, records)).isGreaterThan(5);
            rig.assertHolds(records, null);
            rig.audit();
            TreeStats stats = rig.stats();
            // I8: an edge is a tenth of a directory here, so that no group comes nearer to a whole frame.
            assertThat(stats.fill()).isGreaterThan(0.6);
            assertThat(stats.depthMax()).isEqualTo(2);
            assertThat(stats.splits()).isZero();
        }
    }

    @Test
    void framesOfKeysWithoutStructureAreFullEnough() {
        NavigableMap<byte[], byte[]> records = new TreeMap<>(Arrays::compareUnsigned);
        Random random = new Random(3);
        for (int i = 0; i < 200_000; i++) {
            byte[] key = new byte[16];
            random.nextBytes(key);
            records.put(key, new byte[100]);
        }
        try (TreeRig rig = new TreeRig(200)) {
            load(rig, records);
            rig.assertHolds(records, null);
            rig.audit();
            assertThat(rig.stats().fill()).isGreaterThan(0.7);
            assertThat(rig.stats().depthMax()).isEqualTo(2);
        }
    }

    /** The edges that led to what was removed are there still, or some of them. */
    @Test
    void aRangeThatWasEmptiedRecordByRecordIsLoadedAgain() {
        Random random = new Random(8);
        NavigableMap<byte[], byte[]> records = records(random, 6_000_000);
        List<byte[]> keys = new ArrayList<>(records.keySet());
        Collections.shuffle(keys, random);
        try (TreeRig rig = new TreeRig(200)) {
            keys.forEach(key -> rig.put(key, records.get(key)));
            List<byte[]> sorted = new ArrayList<>(records.keySet());
            for (int from = 100; from < sorted.size(); from += sorted.size() / 4) {
                NavigableMap<byte[], byte[]> range = records.subMap(
                        sorted.get(from),
                        true,
                        sorted.get(Math.min(from + sorted.size() / 5, sorted.size() - 1)),
                        true);
                range.keySet().forEach(rig::delete);
                rig.audit();
                load(rig, range);
                rig.audit();
            }
            rig.assertHolds(records, null);
        }
    }

    private static void putAll(
            NavigableMap<byte[], byte[]> records, String prefix, int count, String format, int valueBytes) {
        for (int i = 0; i < count; i++) {
            records.put((prefix + format.formatted(i)).getBytes(StandardCharsets.ISO_8859_1), new byte[valueBytes]);
        }
    }

    /** Little below a long path is more than a frame where the path begins: leaves hold what no frame's path has. */
    @Test
    void whatFitsFarDownOnlyIsMovedDown() {
        for (int before : new int[] {0, 1, 300, 999, 1000, 1400, 1500}) {
            for (int pathBytes : new int[] {90, 600, 1999, 4000}) {
                NavigableMap<byte[], byte[]> records = new TreeMap<>(Arrays::compareUnsigned);
                putAll(records, "a", before, "%04d", 300);
                putAll(records, "b" + "x".repeat(pathBytes), pathBytes == 90 ? 3_000 : 300, "%04d", 1);
                putAll(records, "b" + "y".repeat(pathBytes), before % 200 == 0 ? 0 : 200, "%04d", 1);
                putAll(records, "c", 1500, "%04d", 300);
                try (TreeRig rig = new TreeRig(100)) {
                    rig.put(new byte[0], new byte[1]);
                    load(rig, records);
                    records.put(new byte[0], new byte[1]);
                    rig.audit();
                    rig.assertHolds(records, null);
                }
            }
        }
    }

    /** Edges that lead to no record any more lie between those of a group, or around it. */
    @Test
    void groupsAmongEdgesThatLeadToNothingLieSideBySide() {
        for (int gone = 1; gone < 40; gone += 3) {
            NavigableMap<byte[], byte[]> records = new TreeMap<>(Arrays::compareUnsigned);
            for (int edge = 10; edge < 60; edge += 2) {
                putAll(records, "dir/" + (char) edge, 300, "%04d", 200);
            }
            try (TreeRig rig = new TreeRig(100)) {
                records.forEach(rig::put);
                assertThat(rig.stats().frames()).isGreaterThan(3);
                byte[] from = ("dir/" + (char) (10 + gone)).getBytes(StandardCharsets.ISO_8859_1);
                byte[] to = ("dir/" + (char) (18 + gone)).getBytes(StandardCharsets.ISO_8859_1);
                List<byte[]> deleted = List.copyOf(records.subMap(from, to).keySet());
                deleted.forEach(rig::delete);
                deleted.forEach(records::remove);
                NavigableMap<byte[], byte[]> between = new TreeMap<>(Arrays::compareUnsigned);
                for (int edge = 11 + (gone | 1); edge < 18 + gone; edge += 2) {
                    putAll(between, "dir/" + (char) edge, 900, "%04d", 200);
                }
                load(rig, between);
                records.putAll(between);
                rig.audit();
                rig.assertHolds(records, null);
            }
        }
    }

    @Test
    void aLoadThatFindsNoRoomChangesNothing() {
        NavigableMap<byte[], byte[]> records = records(new Random(77), 5_000_000);
        try (TreeRig rig = new TreeRig(7)) {
            rig.put(new byte[] {5}, new byte[9]);
            assertThatThrownBy(() -> load(rig, records)).isInstanceOf(MemoryBudgetException.class);
            assertThat(rig.get(new byte[] {5})).hasSize(9);
            rig.delete(new byte[] {5});
            rig.assertHolds(new TreeMap<>(Arrays::compareUnsigned), null);
            rig.audit();
        }
    }
}
