package io.holt.examples.kstreams;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** The application's process, from its start to its end. */
final class ApplicationProcess {

    private static final long ANSWER_SECONDS = 120;
    private static final int KILLED = 128 + 9;

    private final Process process;
    private final Thread killer;
    private final Path errors;
    private final Writer commands;
    private final AtomicLong restored = new AtomicLong();
    private final CompletableFuture<Long> runningMillis = new CompletableFuture<>();
    private final CompletableFuture<Integer> httpPort = new CompletableFuture<>();
    private volatile CompletableFuture<String> answer = new CompletableFuture<>();

    private ApplicationProcess(Process process, Path errors) {
        this.process = process;
        this.killer = new Thread(process::destroyForcibly, "kill-application");
        this.errors = errors;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Starts it on the JDK and the class path of this program.
     *
     * @param errors file that takes its standard error, after what is there
     */
    static ApplicationProcess start(
            Engine engine, String bootstrapServers, Path stateDirectory, int listEvery, Path errors)
            throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-classpath",
                System.getProperty("java.class.path"),
                Application.class.getName(),
                engine.name(),
                bootstrapServers,
                stateDirectory.toString(),
                String.valueOf(listEvery));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        ApplicationProcess application = new ApplicationProcess(process, errors);
        // It must not outlive this process, however that ends.
        Runtime.getRuntime().addShutdownHook(application.killer);
        Thread reader = new Thread(application::readLines, "application-output");
        reader.setDaemon(true);
        reader.start();
        return application;
    }

    private void readLines() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(line);
            }
        } catch (IOException e) {
            // The pipe of a killed process may break; what matters is told below.
        }
        IllegalStateException ended = new IllegalStateException("the application has ended");
        runningMillis.completeExceptionally(ended);
        httpPort.completeExceptionally(ended);
        answer.completeExceptionally(ended);
    }

    private void take(String line) {
        int space = line.indexOf(' ');
        String word = space < 0 ? line : line.substring(0, space);
        switch (word) {
            case "restored" -> restored.addAndGet(Long.parseLong(line.substring(space + 1)));
            case "http" -> httpPort.complete(Integer.parseInt(line.substring(space + 1)));
            case "running" -> runningMillis.complete(Long.parseLong(line.substring(space + 1)));
            case "failed" -> {
                IllegalStateException failed = new IllegalStateException("the application has failed");
                runningMillis.completeExceptionally(failed);
                answer.completeExceptionally(failed);
            }
            default -> answer.complete(line);
        }
    }

    /** Waits until all tasks run; gives the milliseconds since the process began. */
    long awaitRunning() throws IOException {
        return await(runningMillis);
    }

    /** Where it answers queries on loopback. */
    int httpPort() throws IOException {
        return await(httpPort);
    }

    /** How many records were restored so far. */
    long restored() {
        return restored.get();
    }

    /** How often the application committed so far. */
    long commits() throws IOException {
        return Long.parseLong(ask("commits").substring("commits ".length()));
    }

    /** CPU time of the process so far, where the operating system tells it; else 0. */
    long cpuMillis() {
        return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L);
    }

    /** Has the stores' contents written to a file. */
    void dump(Path file) throws IOException {
        ask("dump " + file);
    }

    private String ask(String command) throws IOException {
        answer = new CompletableFuture<>();
        send(command);
        return await(answer);
    }

    private void send(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
    }

    private <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw failure("did not answer in " + ANSWER_SECONDS + " s or ended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was not waited for", e);
        }
    }

    /** @throws IOException if it is not alive, with what it said last */
    void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw failure("ended by itself with status " + process.exitValue(), null);
        }
    }

    private IOException failure(String what, Exception cause) throws IOException {
        List<String> said = Files.readAllLines(errors);
        String last = String.join("\n", said.subList(Math.max(0, said.size() - 40), said.size()));
        return new IOException("the application " + what + "; it said last:\n" + last, cause);
    }

    /** Kills it as {@code kill -9} does, in the middle of whatever it does, and waits until it is gone. */
    void kill() throws IOException {
        process.destroyForcibly();
        int status = awaitEnd();
        if (status != KILLED) {
            throw failure("should have been killed, but ended with status " + status, null);
        }
    }

    /** Has it close its stores and end. */
    void stop() throws IOException {
        send("stop");
        int status = awaitEnd();
        if (status != 0) {
            throw failure("ended with status " + status, null);
        }
    }

    private int awaitEnd() throws IOException {
        try {
            if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
                throw failure("did not end in " + ANSWER_SECONDS + " s", null);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was not waited for", e);
        }
    }

    /** Ends it if it still lives, however. */
    void discard() {
        process.destroyForcibly();
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException e) {
            // This process is going down already, and the hook does its work.
        }
    }
}
