package io.holt.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.IoEngineKind;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A process that writes is killed at a random moment, round after round: every write that it acknowledged is there if
 * there is a log, and of what it did not acknowledge at most the one write of each thread that was under way; without a
 * log, each thread's keys are as they were at one moment not before the last complete checkpoint (I3).
 *
 * <p>Runs {@code holt.kill.rounds} rounds of all durabilities and engines together.
 */
@Timeout(600)
class KillIT {

    private static final int ROUNDS = Integer.getInteger("holt.kill.rounds", 27);
    private static final int LEAST_WRITES = 100;
    private static final int MOST_WRITES = 4000;

    static Stream<Arguments> combinations() {
        return Stream.of(Durability.values())
                .flatMap(durability -> Stream.of(IoEngineKind.URING, IoEngineKind.PREAD, IoEngineKind.CHANNEL)
                        .map(engine -> Arguments.of(durability, engine)));
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void acknowledgedWritesSurviveKilling(Durability durability, IoEngineKind engine, @TempDir Path temp)
            throws Exception {
        KillOracle[] oracles = new KillOracle[KilledWriter.THREADS];
        for (int thread = 0; thread < oracles.length; thread++) {
            oracles[thread] = new KillOracle(thread);
        }
        Path directory = temp.resolve("db");
        HoltOptions options = KilledWriter.options(durability, engine);
        Random random = new Random((durability.name() + engine.name()).hashCode());
        int rounds = Math.max(1, ROUNDS / (int) combinations().count());
        for (int round = 0; round < rounds; round++) {
            int writes = LEAST_WRITES + random.nextInt(MOST_WRITES);
            runAndKill(List.of(directory.toString(), durability.name(), engine.name()), oracles, writes, temp);
            try (HoltDb db = Holt.open(directory, options)) {
                for (KillOracle oracle : oracles) {
                    oracle.compare(db, durability != Durability.NONE);
                }
            }
        }
    }

    private static void runAndKill(List<String> arguments, KillOracle[] oracles, int writes, Path temp)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                KilledWriter.class.getName()));
        command.addAll(arguments);
        for (KillOracle oracle : oracles) {
            command.add(String.valueOf(oracle.next()));
        }
        File errors = temp.resolve("errors.txt").toFile();
        Process process = new ProcessBuilder(command).redirectError(errors).start();
        int acknowledged = 0;
        try (InputStream pipe = process.getInputStream();
                DataInputStream in = new DataInputStream(pipe)) {
            while (acknowledged < writes) {
                acknowledged += accept(in, oracles);
            }
            // By its handle: destroying the process itself would close the pipe, and what it still said counts too.
            assertThat(process.toHandle().destroyForcibly()).isTrue();
            while (true) {
                accept(in, oracles);
            }
        } catch (EOFException end) {
            assertThat(acknowledged)
                    .as("the writer ended by itself: %s", text(errors))
                    .isGreaterThanOrEqualTo(writes);
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
    }

    /** Reads what the writer says; answers how many writes it acknowledged. */
    private static int accept(DataInputStream in, KillOracle[] oracles) throws IOException {
        long message = in.readLong();
        int thread = (int) (message >>> 56);
        if (thread != KilledWriter.CHECKPOINT) {
            oracles[thread].acknowledged(message & 0xFF_FFFF_FFFF_FFFFL);
            return 1;
        }
        // All of them, or the writer was killed within the message.
        long[] done = new long[oracles.length];
        for (int i = 0; i < done.length; i++) {
            done[i] = in.readLong();
        }
        for (int i = 0; i < done.length; i++) {
            oracles[i].checkpointed(done[i]);
        }
        return 0;
    }

    private static String text(File file) throws IOException {
        return Files.readString(file.toPath(), StandardCharsets.UTF_8);
    }
}
