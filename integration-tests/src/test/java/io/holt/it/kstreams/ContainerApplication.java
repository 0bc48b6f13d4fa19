package io.holt.it.kstreams;

import com.github.dockerjava.api.DockerClient;
import io.holt.it.ContainerImage;
import io.holt.it.kstreams.CountingApplication.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** {@link CountingApplication} in a container that keeps its state while it is stopped or killed. */
@SuppressWarnings("try") // Closing waits for the container to be removed.
final class ContainerApplication implements AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final Pattern NOT_NEEDED = Pattern.compile(
            "(flink|frocksdbjni|kafka_|kafka-server|kafka-metadata|scala|junit|testcontainers|docker-java).*");

    private final GenericContainer<?> container;
    private int starts;

    ContainerApplication(DockerImageName image, Network network, String bootstrapServers, String guarantee) {
        container = new GenericContainer<>(image).withNetwork(network);
        StringBuilder classPath = new StringBuilder();
        for (String entry : ContainerImage.classPath()
                .filter(entry -> !NOT_NEEDED
                        .matcher(Path.of(entry).getFileName().toString())
                        .matches())
                .toList()) {
            String place = "/tmp/application/" + classPath.length() + '-'
                    + Path.of(entry).getFileName();
            container.withCopyFileToContainer(MountableFile.forHostPath(entry), place);
            classPath.append(place).append(':');
        }
        // A file is the application's standard input, so that commands can come from outside, one after the other.
        String start = String.format(
                Locale.ROOT,
                ": > /tmp/commands; tail -f /tmp/commands | java --enable-native-access=ALL-UNNAMED"
                        + " -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.log.io.holt=info"
                        + " -cp '%s' %s %s",
                classPath,
                CountingApplication.class.getName(),
                String.join(
                        " ",
                        CountingApplication.arguments(
                                guarantee, bootstrapServers, "/tmp/state", "only", 0, Engine.HOLT)));
        container.withCreateContainerCmdModifier(
                command -> command.withEntrypoint("sh", "-c", start).withCmd(List.of()));
    }

    /** Starts it for the first time. */
    void start() {
        container.start();
        starts = 1;
    }

    /** Starts it again, with what it kept. */
    void startAgain() {
        client().startContainerCmd(container.getContainerId()).exec();
        starts++;
    }

    private DockerClient client() {
        return container.getDockerClient();
    }

    /** Waits until it runs; how many records its newest start restored. */
    long awaitRunning() throws InterruptedException {
        Matcher running = await("running \\d+ (\\d+)", starts);
        return Long.parseLong(running.group(1));
    }

    /** Waits until it has said something so many times in all its lives; the last of them. */
    private Matcher await(String line, int times) throws InterruptedException {
        Pattern pattern = Pattern.compile("(?m)^" + line + "\\s*$");
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < deadline) {
            String logs = container.getLogs();
            Matcher matcher = pattern.matcher(logs);
            int found = 0;
            int end = 0;
            while (found < times && matcher.find(end)) {
                found++;
                end = matcher.end();
            }
            if (found == times) {
                return matcher;
            }
            if (logs.lines().anyMatch("failed"::equals)) {
                throw new AssertionError("the application failed: " + logs);
            }
            Thread.sleep(200);
        }
        throw new AssertionError("the application did not say '" + line + "': " + container.getLogs());
    }

    private String run(String shellCommand) throws IOException, InterruptedException {
        ExecResult result = container.execInContainer("sh", "-c", shellCommand);
        if (result.getExitCode() != 0) {
            throw new AssertionError(shellCommand + ": " + result.getStderr() + container.getLogs());
        }
        return result.getStdout();
    }

    private Map<String, Map<String, Long>> dump() throws IOException, InterruptedException {
        int dumps =
                1 + (int) container.getLogs().lines().filter("dumped"::equals).count();
        run("echo dump /tmp/dump >> /tmp/commands");
        await("dumped", dumps);
        return SentEvents.parse(run("cat /tmp/dump").lines().toList());
    }

    /** Waits until all events are counted, then compares. */
    void verify(SentEvents events, boolean exactly) throws IOException, InterruptedException {
        Map<String, Map<String, Long>> counted = dump();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!events.areIn(counted) && System.nanoTime() < deadline) {
            Thread.sleep(200);
            counted = dump();
        }
        events.verify(counted, exactly);
    }

    /** As {@code kill -9} of all its processes does. */
    void kill() throws InterruptedException {
        client().killContainerCmd(container.getContainerId()).exec();
        awaitEnd();
    }

    /** Has it close its stores and end. */
    void stop() throws IOException, InterruptedException {
        run("echo stop >> /tmp/commands");
        await("stopped", 1);
        client().killContainerCmd(container.getContainerId()).exec();
        awaitEnd();
    }

    private void awaitEnd() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (container.isRunning()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("the container goes on after it was killed");
            }
            Thread.sleep(50);
        }
    }

    @Override
    public void close() {
        container.close();
    }
}
