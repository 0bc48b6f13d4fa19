package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.it.ContainerImage;
import java.time.Duration;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.Network;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * An application on Holt in a container beside a broker in another one. It is killed, started again, stopped, and
 * started again; its stores count every event exactly once, and after a clean stop nothing is restored.
 *
 * <p>Where there is no Docker the test is skipped, see {@link ContainerImage}.
 */
@Timeout(2_400)
final class ContainerApplicationIT {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerApplicationIT.class);

    private static final String BROKER = "broker:19092";
    private static final String GUARANTEE = StreamsConfig.EXACTLY_ONCE_V2;
    private static final int EVENTS = 8_000;

    @Test
    void countsSurviveTheContainersDeath() throws Exception {
        DockerImageName brokerImage = ContainerImage.KAFKA.orSkip();
        DockerImageName javaImage = ContainerImage.JAVA.orSkip();
        try (Network network = Network.newNetwork();
                KafkaContainer broker = new KafkaContainer(brokerImage)
                        .withNetwork(network)
                        .withListener(BROKER)
                        .withStartupTimeout(Duration.ofMinutes(3));
                ContainerApplication application = new ContainerApplication(javaImage, network, BROKER, GUARANTEE)) {
            start(broker);
            try (SentEvents events = new SentEvents(broker.getBootstrapServers())) {
                application.start();
                application.awaitRunning();
                events.send(EVENTS);
                application.verify(events, true);
                events.send(EVENTS);
                application.kill();

                application.startAgain();
                LOG.info("{} records restored after the kill", application.awaitRunning());
                application.verify(events, true);
                application.stop();

                application.startAgain();
                assertThat(application.awaitRunning())
                        .as("records restored after a clean stop")
                        .isZero();
                application.verify(events, true);
            }
        }
    }

    /** A broker that does not come up is none of Holt's doing: the machine's Docker can't do what is needed. */
    private static void start(KafkaContainer broker) {
        try {
            broker.start();
        } catch (ContainerLaunchException e) {
            throw ContainerImage.skip("the broker's container did not start", e);
        }
    }
}
