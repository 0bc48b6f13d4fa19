package io.holt.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that writes is killed, round after round: every write that it acknowledged is there, and of what it did
 * not acknowledge at most the one write of each thread that was under way (I3).
 */
@Timeout(180)
class KillIT {

    private static final int ROUNDS = 3;
    private static final int WRITES_PER_ROUND = 4000;

    @ParameterizedTest
    @EnumSource(names = {"ASYNC", "SYNC"})
    void acknowledgedWritesSurviveKilling(Durability durability, @TempDir Path directory) throws Exception {
        Oracle[] oracles = new Oracle[KilledWriter.THREADS];
        for (int thread = 0; thread < oracles.length; thread++) {
            oracles[thread] = new Oracle(thread);
        }
        for (int round = 0; round < ROUNDS; round++) {
            runAndKill(durability, directory, oracles, WRITES_PER_ROUND + 777 * round);
            try (HoltDb db = Holt.open(directory, KilledWriter.options(durability))) {
                for (Oracle oracle : oracles) {
                    oracle.compare(db);
                }
            }
        }
    }

    private static void runAndKill(Durability durability, Path directory, Oracle[] oracles, int writes)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                KilledWriter.class.getName(),
                directory.toString(),
                durability.name()));
        for (Oracle oracle : oracles) {
            command.add(String.valueOf(oracle.next));
        }
        File errors = directory.resolveSibling("errors-" + durability + ".txt").toFile();
        Process process = new ProcessBuilder(command).redirectError(errors).start();
        int acknowledged = 0;
        try (InputStream pipe = process.getInputStream();
                DataInputStream in = new DataInputStream(pipe)) {
            while (acknowledged < writes) {
                accept(in.readLong(), oracles);
                acknowledged++;
            }
            // By its handle: destroying the process itself would close the pipe, and what it still said counts too.
            assertThat(process.toHandle().destroyForcibly()).isTrue();
            while (true) {
                accept(in.readLong(), oracles);
            }
        } catch (EOFException end) {
            assertThat(acknowledged)
                    .as("the writer ended by itself: %s", text(errors))
                    .isEqualTo(writes);
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
    }

    private static void accept(long acknowledgement, Oracle[] oracles) {
        int thread = (int) (acknowledgement >>> 56);
        oracles[thread].acknowledged(acknowledgement & 0xFF_FFFF_FFFF_FFFFL);
    }

    private static String text(File file) throws IOException {
        return java.nio.file.Files.readString(file.toPath(), StandardCharsets.UTF_8);
    }

    /** What one thread's writes make of its keys. */
    private static final class Oracle {
        private final int thread;
        private final Map<String, byte[]> shared = new HashMap<>();
        private final Map<String, byte[]> own = new HashMap<>();
        private long next = 1;

        Oracle(int thread) {
            this.thread = thread;
        }

        void acknowledged(long write) {
            assertThat(write).isEqualTo(next);
            apply(write);
            next++;
        }

        private void apply(long write) {
            if (write % KilledWriter.DROP_TREE_EVERY == 0) {
                own.clear();
                return;
            }
            if (write % KilledWriter.DELETE_PREFIX_EVERY == 0) {
                shared.clear();
                return;
            }
            Map<String, byte[]> map = write % 3 == 0 ? own : shared;
            String key = new String(KilledWriter.key(thread, write), StandardCharsets.UTF_8);
            if (write % 7 == 0) {
                map.remove(key);
            } else {
                map.put(key, KilledWriter.value(write));
            }
        }

        /** The database has all that was acknowledged; or that and the next write too, which counts from now on. */
        void compare(HoltDb db) {
            if (differs(db)) {
                apply(next);
                assertThat(differs(db))
                        .as("thread %d: neither write %d nor %d was the last one", thread, next - 1, next)
                        .isFalse();
                next++;
            }
        }

        private boolean differs(HoltDb db) {
            return differs(db.tree("shared"), shared) || differs(db.tree(KilledWriter.ownTree(thread)), own);
        }

        private boolean differs(HoltTree tree, Map<String, byte[]> map) {
            for (int i = 0; i < KilledWriter.KEYS; i++) {
                byte[] key = KilledWriter.bytes("thread-" + thread + "/" + i);
                byte[] expected = map.get(new String(key, StandardCharsets.UTF_8));
                if (!Arrays.equals(tree.get(key), expected)) {
                    return true;
                }
            }
            return false;
        }
    }
}
