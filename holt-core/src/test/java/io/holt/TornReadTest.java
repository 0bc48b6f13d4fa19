package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Reads of many keys and visits beside a writer never show bytes of two values in one (I2). */
class TornReadTest {

    private static final int KEYS = 48;
    private static final int ROUNDS = 12_000;
    private static final int LENGTH = 900;

    /** Prefixes of ten keys each. */
    private static final byte[][] TENS = {prefix(0), prefix(1), prefix(2), prefix(3)};

    @Test
    void valuesAreWholeBesideAWriter() throws InterruptedException {
        try (HoltDb db =
                Holt.inMemory(HoltOptions.builder().memoryBytes(16L << 20).build())) {
            HoltTree tree = db.tree("a");
            AtomicBoolean done = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> write(tree, done));
            long torn = 0;
            try {
                byte[][] keys = new byte[16][];
                byte[][] targets = new byte[16][1024];
                int[] lengths = new int[16];
                Random random = new Random(3);
                long[] tornVisits = new long[1];
                for (int round = 0; round < ROUNDS; round++) {
                    for (int i = 0; i < keys.length; i++) {
                        keys[i] = key(random.nextInt(KEYS));
                    }
                    tree.getMany(keys, keys.length, targets, lengths);
                    for (int i = 0; i < keys.length; i++) {
                        torn += lengths[i] == TreeView.ABSENT || isWhole(targets[i], 0, lengths[i]) ? 0 : 1;
                    }
                    RecordVisitor counting = (k, ko, kb, values, from, length) -> {
                        tornVisits[0] += isWhole(values, from, length) ? 0 : 1;
                        return true;
                    };
                    if (round % 8 == 0) {
                        tree.visit(Scan.all(), counting);
                    } else if (round % 2 == 0) {
                        tree.visitMany(keys, keys.length, 1, counting, lengths);
                    } else if (round % 8 == 1) {
                        tree.visitMany(TENS, TENS.length, 4, counting, lengths);
                    }
                }
                torn += tornVisits[0];
            } finally {
                done.set(true);
                writer.join();
            }
            assertThat(torn).isZero();
        }
    }

    /**
     * Mostly values of one length, which are written over the old ones in place, and some of others, so that records
     * move; each is one byte again and again.
     */
    private static void write(HoltTree tree, AtomicBoolean done) {
        Random random = new Random(4);
        while (!done.get()) {
            int number = 1 + random.nextInt(100);
            byte[] value = new byte[number % 8 == 0 ? 8 * number : LENGTH];
            Arrays.fill(value, (byte) number);
            byte[] key = key(random.nextInt(KEYS));
            if (number == 100) {
                tree.delete(key);
            } else {
                tree.put(key, value);
            }
        }
    }

    private static boolean isWhole(byte[] array, int from, int length) {
        if (length == 0) {
            return false;
        }
        int number = array[from];
        for (int i = from; i < from + length; i++) {
            if (array[i] != number) {
                return false;
            }
        }
        return length == (number % 8 == 0 ? 8 * number : LENGTH);
    }

    private static byte[] prefix(int number) {
        return ("some/common/path/" + number).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] key(int number) {
        return "some/common/path/%02d".formatted(number).getBytes(StandardCharsets.UTF_8);
    }
}
