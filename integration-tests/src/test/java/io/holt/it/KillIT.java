package io.holt.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.IoEngineKind;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
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
@Timeout(900)
class KillIT {

    private static final int ROUNDS = Integer.getInteger("holt.kill.rounds", 45);
    private static final int LEAST_WRITES = 100;
    private static final int MOST_WRITES = 2500;

    @AfterAll
    static void dismissTheSpare() throws Exception {
        WriterProcess.dismissSpare();
    }

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
        int rounds = Math.ceilDiv(ROUNDS, (int) combinations().count());
        for (int round = 0; round < rounds; round++) {
            int writes = LEAST_WRITES + random.nextInt(MOST_WRITES);
            runAndKill(List.of(durability.name(), engine.name(), directory.toString()), oracles, writes);
            try (HoltDb db = Holt.open(directory, options)) {
                for (KillOracle oracle : oracles) {
                    oracle.compare(db, durability != Durability.NONE);
                }
            }
        }
    }

    private static void runAndKill(List<String> arguments, KillOracle[] oracles, int writes) throws Exception {
        List<String> orders = new ArrayList<>(arguments);
        for (KillOracle oracle : oracles) {
            orders.add(String.valueOf(oracle.next()));
        }
        try (WriterProcess writer = WriterProcess.take()) {
            writer.begin(orders);
            int acknowledged = 0;
            try (InputStream pipe = writer.output();
                    DataInputStream in = new DataInputStream(pipe)) {
                while (acknowledged < writes) {
                    acknowledged += accept(in, oracles);
                }
                writer.kill();
                // What it still said counts too.
                while (true) {
                    accept(in, oracles);
                }
            } catch (EOFException end) {
                assertThat(acknowledged)
                        .as("the writer ended by itself: %s", writer.errors())
                        .isGreaterThanOrEqualTo(writes);
            }
            writer.awaitDeath();
        }
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
}
