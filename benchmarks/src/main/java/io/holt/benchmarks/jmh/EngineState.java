package io.holt.benchmarks.jmh;

import io.holt.Holt;
import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.data.OperationStream;
import io.holt.benchmarks.data.SplitMix64;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A tree in memory with a data set in it. */
@State(Scope.Thread)
public class EngineState {

    private static final long MEMORY_BYTES = 1L << 30;
    private static final int VISITED = 100;

    @Param("OBJSTORE")
    DatasetKind dataset;

    @Param("500000")
    int records;

    private Dataset data;
    private SplitMix64 random;
    private HoltDb db;
    private HoltTree tree;
    private Cursor cursor;
    private final byte[] target = new byte[1 << 10];
    private final byte[][] keys = new byte[16][];
    private final byte[][] targets = new byte[16][1 << 10];
    private final int[] lengths = new int[16];
    private Scan directory;
    private long visitedBytes;
    private final RecordVisitor visitor = (keyArray, keyOffset, keyBytes, values, valueOffset, valueBytes) -> {
        visitedBytes += keyBytes + valueBytes;
        return true;
    };

    @Setup(Level.Trial)
    public void open() {
        data = Dataset.of(dataset, records, Dataset.SCALE_DIGITS);
        random = OperationStream.SCALE_GET.begin();
        db = Holt.inMemory(HoltOptions.builder().memoryBytes(MEMORY_BYTES).build());
        tree = db.tree("benchmark");
        for (int i = 0; i < records; i++) {
            tree.put(data.key(i), data.value(i));
        }
        cursor = tree.scan(Scan.all());
        directory = Scan.prefix(dataset.paths().orElseThrow().directory()).limit(VISITED);
    }

    @TearDown(Level.Trial)
    public void close() {
        db.close();
    }

    int get() {
        byte[] key = data.key(random.nextIndex(records));
        int length = tree.get(key, 0, key.length, target, 0);
        if (length != data.valueBytes()) {
            throw new IllegalStateException("get answered " + length);
        }
        return length;
    }

    /** 16 values. */
    int getMany() {
        for (int i = 0; i < keys.length; i++) {
            keys[i] = data.key(random.nextIndex(records));
        }
        tree.getMany(keys, keys.length, targets, lengths);
        if (lengths[0] != data.valueBytes()) {
            throw new IllegalStateException("getMany answered " + lengths[0]);
        }
        return lengths[keys.length - 1];
    }

    /** 100 records from the start of a directory on. */
    long visit() {
        visitedBytes = 0;
        long count = tree.visit(directory, visitor);
        if (count != VISITED) {
            throw new IllegalStateException("visit handed out " + count);
        }
        return visitedBytes;
    }

    void put() {
        int index = random.nextIndex(records);
        tree.put(data.key(index), data.value(index));
    }

    /** One step of a walk over all records, which begins anew at the end. */
    int step() {
        if (!cursor.next()) {
            cursor.close();
            cursor = tree.scan(Scan.all());
            if (!cursor.next()) {
                throw new IllegalStateException("the tree is empty");
            }
        }
        return cursor.keyLength() + cursor.valueLength();
    }
}
