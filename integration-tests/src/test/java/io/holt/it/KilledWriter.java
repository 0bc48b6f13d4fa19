package io.holt.it;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.IoEngineKind;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The process that {@link KillIT} kills: several threads write, each to keys of its own, and say so on the standard
 * output after the call has returned. Meanwhile checkpoints are taken. Runs until it is killed.
 */
final class KilledWriter {

    static final int THREADS = 4;

    /** In place of a thread: a checkpoint is complete, and what each thread had done before it began follows. */
    static final int CHECKPOINT = 0x7F;

    /** Each thread's writes go round over so many keys. */
    static final int KEYS = 500;

    /** Every so many writes a thread deletes its directory, drops its tree, and writes to both trees at once. */
    static final int DELETE_PREFIX_EVERY = 701;

    static final int DROP_TREE_EVERY = 997;
    static final int BATCH_EVERY = 11;

    private static final AtomicLongArray DONE = new AtomicLongArray(THREADS);

    private KilledWriter() {}

    /** Lines of the standard input: durability, engine, directory, and for each thread the number of its first write. */
    public static void main(String[] arguments) throws Exception {
        warmUp();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String first = orders.readLine();
        if (first == null) {
            return;
        }
        HoltOptions options = options(Durability.valueOf(first), IoEngineKind.valueOf(orders.readLine()));
        HoltDb db = Holt.open(Path.of(orders.readLine()), options);
        DataOutputStream acknowledged = new DataOutputStream(new BufferedOutputStream(System.out, 64));
        for (int thread = 0; thread < THREADS; thread++) {
            int number = thread;
            long firstWrite = Long.parseLong(orders.readLine());
            DONE.set(thread, firstWrite - 1);
            new Thread(() -> write(db, number, firstWrite, acknowledged), "writer-" + thread).start();
        }
        while (true) {
            long[] before = new long[THREADS];
            for (int thread = 0; thread < THREADS; thread++) {
                before[thread] = DONE.get(thread);
            }
            db.checkpoint();
            synchronized (acknowledged) {
                acknowledged.writeLong((long) CHECKPOINT << 56);
                for (long done : before) {
                    acknowledged.writeLong(done);
                }
                acknowledged.flush();
            }
            Thread.sleep(5);
        }
    }

    /** Loads the classes while nobody waits. */
    private static void warmUp() {
        try (HoltDb db = Holt.inMemory(
                HoltOptions.builder().memoryBytes(HoltOptions.MIN_MEMORY_BYTES).build())) {
            apply(db, 0, 1);
            apply(db, 0, BATCH_EVERY);
        }
    }

    static HoltOptions options(Durability durability, IoEngineKind engine) {
        return HoltOptions.builder()
                .memoryBytes(96L << 20)
                .durability(durability)
                .ioEngine(engine)
                .checkpointAge(Duration.ofMillis(30))
                .build();
    }

    private static void write(HoltDb db, int thread, long first, DataOutputStream acknowledged) {
        try {
            for (long write = first; ; write++) {
                apply(db, thread, write);
                DONE.set(thread, write);
                synchronized (acknowledged) {
                    acknowledged.writeLong(((long) thread << 56) | write);
                    acknowledged.flush();
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("nobody listens", e);
        }
    }

    /** One write; follows from its number alone, so that the other side knows what it did. */
    static void apply(HoltDb db, int thread, long write) {
        if (write % DROP_TREE_EVERY == 0) {
            db.dropTree(ownTree(thread));
            return;
        }
        if (write % DELETE_PREFIX_EVERY == 0) {
            db.tree("shared").deletePrefix(bytes("thread-" + thread + "/"));
            return;
        }
        byte[] key = key(thread, write);
        if (write % BATCH_EVERY == 0) {
            db.newBatch()
                    .put(db.tree("shared"), key, value(write))
                    .put(db.tree(ownTree(thread)), key, value(write))
                    .commit();
            return;
        }
        HoltTree tree = write % 3 == 0 ? db.tree(ownTree(thread)) : db.tree("shared");
        if (write % 7 == 0) {
            tree.delete(key);
        } else {
            tree.put(key, value(write));
        }
    }

    static String ownTree(int thread) {
        return "tree-" + thread;
    }

    static byte[] key(int thread, long write) {
        return key(thread, (int) (write * 31 % KEYS));
    }

    static byte[] key(int thread, int number) {
        return bytes("thread-" + thread + "/" + number);
    }

    /** The number of the write, again and again. */
    static byte[] value(long write) {
        byte[] value = new byte[write % 400 == 5 ? 80_000 : (int) (10 + write % 300)];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (write >>> (8 * (i % 8)));
        }
        return value;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
