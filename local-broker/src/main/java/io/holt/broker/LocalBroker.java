package io.holt.broker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/** A Kafka broker and its controller in this process, on loopback, with its logs in a directory of the caller. */
public final class LocalBroker implements AutoCloseable {

    private static final int NODE = 1;
    private static final String HOST = "127.0.0.1";
    private static final String CONTROLLER_LISTENER = "CONTROLLER";

    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private LocalBroker(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Formats the directory and starts; returns when clients can connect.
     *
     * @param directory an empty directory
     * @throws IOException if there are no free ports, or the directory can't be formatted
     */
    public static LocalBroker start(Path directory) throws IOException {
        int[] ports = freePorts();
        String bootstrapServers = HOST + ":" + ports[0];
        format(directory);
        KafkaRaftServer server =
                new KafkaRaftServer(KafkaConfig.fromProps(properties(directory, ports), false), Time.SYSTEM);
        server.startup();
        return new LocalBroker(server, bootstrapServers);
    }

    /** Where clients connect to. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    private static Properties properties(Path directory, int[] ports) {
        Properties properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", String.valueOf(NODE));
        properties.put("log.dirs", directory.toString());
        properties.put(
                "listeners",
                "PLAINTEXT://" + HOST + ":" + ports[0] + "," + CONTROLLER_LISTENER + "://" + HOST + ":" + ports[1]);
        properties.put("advertised.listeners", "PLAINTEXT://" + HOST + ":" + ports[0]);
        properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("controller.listener.names", CONTROLLER_LISTENER);
        properties.put("controller.quorum.voters", NODE + "@" + HOST + ":" + ports[1]);
        properties.put("auto.create.topics.enable", "false");
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            properties.put(topic + ".replication.factor", "1");
            properties.put(topic + ".num.partitions", "2");
        }
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("default.replication.factor", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        // Events bear the time of their stream, which is not the clock's.
        properties.put("log.retention.ms", "-1");
        properties.put("log.message.timestamp.after.max.ms", String.valueOf(Long.MAX_VALUE));
        return properties;
    }

    private static void format(Path directory) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(out)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(NODE)
                    .setDirectories(List.of(directory.toString()))
                    .setMetadataLogDirectory(directory.toString())
                    .setControllerListenerName(CONTROLLER_LISTENER)
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .run();
        } catch (Exception e) {
            throw new IOException(
                    "the broker's directory " + directory + " can't be formatted: "
                            + said.toString(StandardCharsets.UTF_8),
                    e);
        }
    }

    private static int[] freePorts() throws IOException {
        InetAddress host = InetAddress.ofLiteral(HOST);
        try (ServerSocket first = new ServerSocket(0, 1, host);
                ServerSocket second = new ServerSocket(0, 1, host)) {
            return new int[] {first.getLocalPort(), second.getLocalPort()};
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
