package io.holt.benchmarks.jmh;

import io.holt.Holt;
import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
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
