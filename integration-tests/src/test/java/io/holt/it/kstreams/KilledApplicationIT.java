package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.broker.LocalBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An application on Holt is killed with {@code SIGKILL} under load, again and again, on a real broker. In the end its
 * stores have counted every event exactly once under exactly-once, and at least once under at-least-once.
 *
 * <p>{@code -Dholt.it.kills=20} kills it as often; the default keeps the test short.
 */
@Timeout(1_200)
final class KilledApplicationIT {

    private static final Logger LOG = LoggerFactory.getLogger(KilledApplicationIT.class);

    private static final int KILLS = Integer.getInteger("holt.it.kills", 2);
    private static final int EVENTS_PER_LIFE = 15_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void countsSurviveKilling(String guarantee) throws Exception {
        boolean exactly = guarantee.equals(StreamsConfig.EXACTLY_ONCE_V2);
        SplittableRandom random = new SplittableRandom(guarantee.hashCode());
        try (LocalBroker broker = LocalBroker.start(Files.createDirectory(directory.resolve("broker")));
                SentEvents events = new SentEvents(broker.bootstrapServers())) {
            for (int kill = 0; kill < KILLS; kill++) {
                try (ApplicationProcess life = start(broker, guarantee)) {
                    LOG.info("{} life {}: running after {}", guarantee, kill, life.awaitRunning());
                    events.send(EVENTS_PER_LIFE);
                    // Not a wait for anything: any moment must do.
                    Thread.sleep(random.nextInt(2_500));
                    life.kill();
                }
            }
            try (ApplicationProcess life = start(broker, guarantee)) {
                LOG.info("{} last life: running after {}", guarantee, life.awaitRunning());
                events.send(EVENTS_PER_LIFE);
                life.verify(events, exactly);
                life.stop();
            }
            try (ApplicationProcess life = start(broker, guarantee)) {
                String running = life.awaitRunning();
                LOG.info("{} after a stop: running after {}", guarantee, running);
                assertThat(running).as("nothing is restored after a clean stop").endsWith(" 0 restored");
                life.verify(events, exactly);
                life.stop();
            }
        }
    }

    private ApplicationProcess start(LocalBroker broker, String guarantee) throws IOException {
        return new ApplicationProcess(directory, broker.bootstrapServers(), guarantee, "only", 0);
    }
}
