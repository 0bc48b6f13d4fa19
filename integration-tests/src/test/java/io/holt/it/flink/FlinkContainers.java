package io.holt.it.flink;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import io.holt.it.ContainerImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * A JobManager and TaskManagers, every one in a container, with the jar of Holt in Flink's {@code lib} directory. They
 * share a directory with this process, under the same path, for checkpoints and results.
 */
@SuppressWarnings("try") // Closing waits for containers to be removed.
final class FlinkContainers implements AutoCloseable {

    /** Slots of a TaskManager. */
    static final int SLOTS = 2;

    private static final String JOB_MANAGER = "jobmanager";
    private static final int REST_PORT = 8081;
    private static final String JDK = "/opt/holt-jdk";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long POLL_MILLIS = 50;

    private static final List<String> OPTIONS = List.of(
            "rest.address: " + JOB_MANAGER,
            "rest.bind-address: 0.0.0.0",
            "jobmanager.bind-host: 0.0.0.0",
            "taskmanager.bind-host: 0.0.0.0",
            "taskmanager.numberOfTaskSlots: " + SLOTS,
            // What is asked for is of now, not of some seconds ago.
            "web.refresh-interval: 10",
            "rest.cache.checkpoint-statistics.timeout: 10 ms",
            "jobmanager.memory.process.size: 1000m",
            "taskmanager.cpu.cores: 1",
            "taskmanager.memory.framework.heap.size: 128m",
            "taskmanager.memory.framework.off-heap.size: 64m",
            "taskmanager.memory.jvm-metaspace.size: 128m",
            "taskmanager.memory.jvm-overhead.min: 64m",
            "taskmanager.memory.jvm-overhead.max: 64m",
            "taskmanager.memory.task.heap.size: 256m",
            "taskmanager.memory.task.off-heap.size: 0m",
            "taskmanager.memory.managed.size: 128m",
            "taskmanager.memory.network.min: 32m",
            "taskmanager.memory.network.max: 32m",
            "heartbeat.interval: 1000",
            "heartbeat.timeout: 30000",
            "env.java.opts.all: --enable-native-access=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED");

    private final DockerImageName image;
    private final Path shared;
    private final Network network = Network.newNetwork();
    private final GenericContainer<?> jobManager;
    private final List<GenericContainer<?>> taskManagers = new ArrayList<>();
    private final FlinkRest rest;

    /**
     * Starts the containers and waits until there are all slots. Skips the test if the JobManager's does not start.
     *
     * @param shared the directory that is shared; all may write there from now on
     */
    FlinkContainers(DockerImageName image, Path shared, int taskManagerCount) throws IOException, InterruptedException {
        this.image = image;
        this.shared = shared;
        openToAll();
        this.jobManager = container(JOB_MANAGER)
                .withNetworkAliases(JOB_MANAGER)
                .withExposedPorts(REST_PORT)
                .waitingFor(Wait.forHttp("/overview").forPort(REST_PORT).withStartupTimeout(PATIENCE));
        boolean isUp = false;
        try {
            start(jobManager);
            this.rest = new FlinkRest(jobManager.getHost(), jobManager.getMappedPort(REST_PORT));
            for (int i = 0; i < taskManagerCount; i++) {
                GenericContainer<?> taskManager = container("taskmanager");
                taskManagers.add(taskManager);
                taskManager.start();
            }
            await("all slots", () -> rest.slots() == SLOTS * taskManagerCount);
            isUp = true;
        } finally {
            if (!isUp) {
                close();
            }
        }
    }

    /** A JobManager that does not come up is none of Holt's doing: the machine's Docker can't do what is needed. */
    private static void start(GenericContainer<?> jobManager) {
        try {
            jobManager.start();
        } catch (ContainerLaunchException e) {
            throw ContainerImage.skip("the JobManager's container did not start", e);
        }
    }

    private GenericContainer<?> container(String role) throws IOException {
        Path jar = CountingRun.holtJar();
        GenericContainer<?> container = new GenericContainer<>(image)
                .withNetwork(network)
                .withCommand(role)
                .withEnv("JOB_MANAGER_RPC_ADDRESS", JOB_MANAGER)
                .withEnv("FLINK_PROPERTIES", String.join("\n", OPTIONS))
                .withCreateContainerCmdModifier(this::shareDirectory)
                .withCopyFileToContainer(MountableFile.forHostPath(jar, 0644), "/opt/flink/lib/" + jar.getFileName());
        if (!ContainerImage.isStandIn(image)) {
            // Flink's own images have a JDK that is older than what Holt needs.
            container
                    .withCopyFileToContainer(MountableFile.forHostPath(System.getProperty("java.home")), JDK)
                    .withEnv("JAVA_HOME", JDK);
        }
        return container;
    }

    /** By the engine itself: Testcontainers would try this out first, with an image that it has to pull. */
    private void shareDirectory(CreateContainerCmd command) {
        command.getHostConfig().withBinds(new Bind(shared.toString(), new Volume(shared.toString())));
    }

    /** Containers may run as somebody else. */
    private void openToAll() throws IOException {
        try (Stream<Path> all = Files.walk(shared)) {
            for (Path path : all.filter(Files::isDirectory).toList()) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
        }
    }

    String host() {
        return jobManager.getHost();
    }

    int restPort() {
        return jobManager.getMappedPort(REST_PORT);
    }

    FlinkRest rest() {
        return rest;
    }

    /** As {@code kill -9} of all processes of a TaskManager's container does. */
    void kill(int taskManager) throws IOException, InterruptedException {
        GenericContainer<?> killed = taskManagers.get(taskManager);
        client().killContainerCmd(killed.getContainerId()).exec();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (killed.isRunning()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("a container goes on after it was killed");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Starts a TaskManager's container again that was killed. */
    void startAgain(int taskManager) {
        try {
            client().startContainerCmd(taskManagers.get(taskManager).getContainerId())
                    .exec();
        } catch (NotModifiedException e) {
            throw new AssertionError("the container was not killed", e);
        }
    }

    private DockerClient client() {
        return jobManager.getDockerClient();
    }

    /** Waits until something is so. */
    void await(String what, BooleanSupplier isSo) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(what + ": not so after " + PATIENCE + "; " + logs());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private String logs() {
        StringBuilder text = new StringBuilder("\n== " + JOB_MANAGER + "\n" + jobManager.getLogs());
        for (int i = 0; i < taskManagers.size(); i++) {
            text.append("\n== taskmanager ").append(i).append('\n');
            text.append(taskManagers.get(i).getLogs());
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            if (jobManager.isRunning()) {
                // What another user wrote is this process's to delete.
                ExecResult opened =
                        jobManager.execInContainer("sh", "-c", "chmod -R a+rwX '" + shared + "' 2>/dev/null || true");
                assert opened.getExitCode() == 0;
            }
        } finally {
            taskManagers.forEach(GenericContainer::close);
            jobManager.close();
            network.close();
        }
    }
}
