package io.holt.it.flink;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JobManager and TaskManagers of two slots each, every one a process, with the jar of Holt on their class path. */
@SuppressWarnings("try") // Closing waits for processes to end.
final class FlinkProcesses implements AutoCloseable {

    private static final String JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
    private static final String TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern SLOTS = Pattern.compile("\"slots-total\":(\\d+)");

    private final Path directory;
    private final String classPath;
    private final int restPort;
    private final Process jobManager;
    private final List<Process> taskManagers = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private int started;

    /**
     * Starts the processes and waits until there are all slots.
     *
     * @param directory for configuration, logs and checkpoints
     * @param holtJar what would be put into Flink's lib directory
     */
    FlinkProcesses(Path directory, Path holtJar, int taskManagerCount) throws IOException, InterruptedException {
        this.directory = directory;
        this.classPath = classPath(holtJar);
        this.restPort = freePort();
        writeConfiguration(freePort());
        this.jobManager = start("jobmanager", JOB_MANAGER);
        for (int i = 0; i < taskManagerCount; i++) {
            startTaskManager();
        }
        await("all slots", () -> slots() == 2 * taskManagerCount);
    }

    /** The class path of this JVM less what is Holt's, Kafka's or the tests', which a cluster would not have. */
    private static String classPath(Path holtJar) {
        List<String> jars = new ArrayList<>(List.of(holtJar.toString()));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String name = Path.of(entry).getFileName().toString();
            boolean isOthers = !name.endsWith(".jar")
                    || name.matches("(holt|kafka|rocksdbjni|junit|jqwik|assertj|jackson|surefire).*");
            if (!isOthers) {
                jars.add(entry);
            }
        }
        return String.join(File.pathSeparator, jars);
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
                "taskmanager.host: localhost",
                "taskmanager.numberOfTaskSlots: 2",
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
                "heartbeat.timeout: 6000",
                "io.tmp.dirs: " + Files.createDirectories(directory.resolve("tmp")));
        Files.write(directory.resolve("config.yaml"), lines);
    }

    private Process start(String name, String mainClass) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx400m",
                "-XX:MaxDirectMemorySize=200m",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.time=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-classpath",
                classPath,
                mainClass,
                "--configDir",
                directory.toString()));
        if (mainClass.equals(JOB_MANAGER)) {
            command.addAll(List.of("--executionMode", "cluster"));
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start();
    }

    private void startTaskManager() throws IOException {
        taskManagers.add(start("taskmanager-" + started++, TASK_MANAGER));
    }

    /** Kills one of the TaskManagers as {@code kill -9} does, and starts another one. */
    void killTaskManager(Random random) throws IOException, InterruptedException {
        Process killed = taskManagers.remove(random.nextInt(taskManagers.size()));
        killed.destroyForcibly().waitFor();
        startTaskManager();
    }

    int restPort() {
        return restPort;
    }

    private int slots() {
        Matcher matcher = SLOTS.matcher(get("/overview"));
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    /** What the JobManager answers; empty if it does not. */
    String get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + restPort + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for the JobManager", e);
        }
    }

    /** Waits until something is so. */
    void await(String what, BooleanSupplier isSo) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.getAsBoolean()) {
            boolean allAlive = jobManager.isAlive() && taskManagers.stream().allMatch(Process::isAlive);
            if (System.nanoTime() - end > 0 || !allAlive) {
                throw new AssertionError(what + ": not so after " + PATIENCE + ", or a process has ended; " + logs());
            }
            Thread.sleep(100);
        }
    }

    /** The ends of all logs. */
    String logs() throws IOException {
        StringBuilder text = new StringBuilder();
        File[] logs = directory.toFile().listFiles((ignored, name) -> name.endsWith(".log"));
        Arrays.sort(logs);
        for (File log : logs) {
            List<String> lines = Files.readAllLines(log.toPath());
            text.append("\n== ").append(log.getName()).append('\n');
            lines.subList(Math.max(0, lines.size() - 40), lines.size())
                    .forEach(line -> text.append(line).append('\n'));
        }
        return text.toString();
    }

    @Override
    public void close() throws InterruptedException {
        for (Process taskManager : taskManagers) {
            taskManager.destroyForcibly().waitFor();
        }
        jobManager.destroyForcibly().waitFor();
    }
}
