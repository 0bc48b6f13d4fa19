package io.holt.it.flink;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * A JobManager and TaskManagers, every one a process, with the jar of Holt on their class path. A TaskManager has slots
 * for a whole job, so that one that is left goes on with it before the next one is there.
 */
@SuppressWarnings("try") // Closing waits for processes to end.
final class FlinkProcesses implements AutoCloseable {

    /** Slots of a TaskManager. */
    static final int SLOTS = 4;

    private static final String JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
    private static final String TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
    /** What the documentation asks for. */
    private static final List<String> JVM_FLAGS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.time=ALL-UNNAMED");

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long POLL_MILLIS = 20;

    private static final Pattern NOT_OF_A_CLUSTER = Pattern.compile("(holt|kafka|local-broker|rocksdbjni|junit|jqwik"
            + "|assertj|jackson|surefire|testcontainers|docker|jna).*");

    private final Path directory;
    private final String classPath;
    private final int restPort;
    private final FlinkRest rest;
    private final Process jobManager;
    private final Map<String, Process> taskManagers = new LinkedHashMap<>();
    private final int initial;
    private int started;

    /**
     * Starts the processes and waits until there are all slots.
     *
     * @param directory for configuration, logs and checkpoints
     * @param holtJar what would be put into Flink's lib directory
     */
    FlinkProcesses(Path directory, Path holtJar, int taskManagerCount) throws IOException, InterruptedException {
        this.directory = directory;
        this.initial = taskManagerCount;
        this.classPath = classPath(holtJar);
        this.restPort = freePort();
        this.rest = new FlinkRest("localhost", restPort);
        writeConfiguration(freePort());
        this.jobManager = start("jobmanager", JVM_FLAGS, JOB_MANAGER, List.of("--executionMode", "cluster"));
        try {
            for (int i = 0; i < taskManagerCount; i++) {
                startTaskManager();
            }
            await("all slots", () -> rest.slots() == SLOTS * taskManagerCount);
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private static String classPath(Path holtJar) {
        List<String> jars = new ArrayList<>(List.of(holtJar.toString()));
        jars.addAll(flinkJars());
        return String.join(File.pathSeparator, jars);
    }

    /** The class path of this JVM less what is Holt's, Kafka's or the tests', which a cluster would not have. */
    static List<String> flinkJars() {
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String name = Path.of(entry).getFileName().toString();
            boolean isOthers =
                    !name.endsWith(".jar") || NOT_OF_A_CLUSTER.matcher(name).matches();
            if (!isOthers) {
                jars.add(entry);
            }
        }
        return jars;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void writeConfiguration(int rpcPort) throws IOException {
        List<String> lines = List.of(
                "jobmanager.rpc.address: localhost",
                "jobmanager.rpc.port: " + rpcPort,
                "rest.address: localhost",
                "rest.port: " + restPort,
                // What is asked for is of now, not of some seconds ago.
                "web.refresh-interval: 10",
                "rest.cache.checkpoint-statistics.timeout: 10 ms",
                "metrics.fetcher.update-interval: 200",
                // No metrics are fetched as long as a TaskManager that was killed is being asked for its own.
                "web.timeout: 30 s",
                "taskmanager.host: localhost",
                "taskmanager.numberOfTaskSlots: " + SLOTS,
                "taskmanager.load-balance.mode: SLOTS",
                "taskmanager.cpu.cores: 1",
                "taskmanager.memory.framework.heap.size: 128m",
                "taskmanager.memory.framework.off-heap.size: 64m",
                "taskmanager.memory.jvm-metaspace.size: 128m",
                "taskmanager.memory.jvm-overhead.min: 64m",
                "taskmanager.memory.jvm-overhead.max: 64m",
                "taskmanager.memory.task.heap.size: 256m",
                "taskmanager.memory.task.off-heap.size: 0m",
                "taskmanager.memory.managed.size: 256m",
                "taskmanager.memory.network.min: 32m",
                "taskmanager.memory.network.max: 32m",
                // A JobManager that was not given processor time for a while must not lose a TaskManager that lives.
                "heartbeat.interval: 250",
                "heartbeat.timeout: 60000",
                "io.tmp.dirs: " + Files.createDirectories(directory.resolve("tmp")));
        Files.write(directory.resolve("config.yaml"), lines);
    }

    private Process start(String name, List<String> jvmFlags, String mainClass, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx400m",
                "-XX:MaxDirectMemorySize=200m",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-classpath",
                classPath));
        command.addAll(jvmFlags);
        command.addAll(List.of(mainClass, "--configDir", directory.toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile())
                .start();
        // When the tests' JVM is told to end before the test has, nothing is left behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }

    private void startTaskManager() throws IOException {
        String name = "taskmanager-" + started++;
        List<String> jvmFlags = isWithoutFlags(name) ? List.of() : JVM_FLAGS;
        taskManagers.put(name, start(name, jvmFlags, TASK_MANAGER, List.of("-Dtaskmanager.resource-id=" + name)));
    }

    /** Whether a TaskManager's JVM has no flags for Holt: every other one of those that came for a killed one. */
    boolean isWithoutFlags(String taskManager) {
        int number = Integer.parseInt(taskManager.substring(taskManager.indexOf('-') + 1));
        return number >= initial && (number - initial) % 2 == 0;
    }

    /** What a process says. */
    Path log(String name) {
        return directory.resolve(name + ".log");
    }

    /** Kills one of these TaskManagers as {@code kill -9} does, and starts another one; answers which. */
    String killTaskManager(Set<String> candidates, Random random) throws IOException, InterruptedException {
        List<String> names =
                taskManagers.keySet().stream().filter(candidates::contains).toList();
        if (names.isEmpty()) {
            throw new AssertionError(candidates + " are none of " + taskManagers.keySet() + "; " + logs());
        }
        String name = names.get(random.nextInt(names.size()));
        taskManagers.remove(name).destroyForcibly().waitFor();
        startTaskManager();
        return name;
    }

    Set<String> taskManagers() {
        return Set.copyOf(taskManagers.keySet());
    }

    int restPort() {
        return restPort;
    }

    FlinkRest rest() {
        return rest;
    }

    /** Waits until something is so; fails if a process ends meanwhile. */
    void await(String what, BooleanSupplier isSo) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.getAsBoolean()) {
            boolean allAlive =
                    jobManager.isAlive() && taskManagers.values().stream().allMatch(Process::isAlive);
            if (System.nanoTime() - end > 0 || !allAlive) {
                throw new AssertionError(what + ": not so after " + PATIENCE + ", or a process has ended; " + logs());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** The ends of all logs. */
    String logs() {
        StringBuilder text = new StringBuilder();
        File[] logs = directory.toFile().listFiles((ignored, name) -> name.endsWith(".log"));
        Arrays.sort(logs);
        for (File log : logs) {
            try {
                List<String> lines = Files.readAllLines(log.toPath());
                text.append("\n== ").append(log.getName()).append('\n');
                lines.subList(Math.max(0, lines.size() - 60), lines.size())
                        .forEach(line -> text.append(line).append('\n'));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws InterruptedException {
        for (Process taskManager : taskManagers.values()) {
            taskManager.destroyForcibly().waitFor();
        }
        jobManager.destroyForcibly().waitFor();
    }
}
