package io.holt.it;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process that {@link KillIT} kills: several threads write, each to keys of its own, and say so on the standard
 * output after the call has returned. Runs until it is killed.
 */
final class KilledWriter {

    static final int THREADS = 4;

    /** Each thread's writes go round over so many keys. */
    static final int KEYS = 500;

    /** Every so many writes a thread deletes its directory, and drops its tree. */
    static final int DELETE_PREFIX_EVERY = 701;

    static final int DROP_TREE_EVERY = 997;

    private KilledWriter() {}

    /** Arguments: directory, durability, and for each thread the number of its first write. */
    public static void main(String[] arguments) throws IOException {
        HoltDb db = Holt.open(Path.of(arguments[0]), options(Durability.valueOf(arguments[1])));
        DataOutputStream acknowledged = new DataOutputStream(new BufferedOutputStream(System.out, 16));
        for (int thread = 0; thread < THREADS; thread++) {
            int number = thread;
            long first = Long.parseLong(arguments[2 + thread]);
            new Thread(() -> write(db, number, first, acknowledged), "writer-" + thread).start();
        }
        while (true) {
            db.checkpoint();
        }
    }

    static HoltOptions options(Durability durability) {
        return HoltOptions.builder()
                .memoryBytes(128L << 20)
                .durability(durability)
                .build();
    }

    private static void write(HoltDb db, int thread, long first, DataOutputStream acknowledged) {
        try {
            for (long write = first; ; write++) {
                apply(db, thread, write);
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
        HoltTree tree = write % 3 == 0 ? db.tree(ownTree(thread)) : db.tree("shared");
        if (write % 7 == 0) {
            tree.delete(key(thread, write));
        } else {
            tree.put(key(thread, write), value(write));
        }
    }

    static String ownTree(int thread) {
        return "tree-" + thread;
    }

    static byte[] key(int thread, long write) {
        return bytes("thread-" + thread + "/" + write * 31 % KEYS);
    }

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
