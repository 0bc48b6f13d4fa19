package io.holt.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import org.slf4j.simple.SimpleLogger;

/**
 * A process of {@link KilledWriter}. It is started when the one before is taken, and waits for its orders, so that
 * starting a JVM goes on while another one is at work. For one thread.
 */
final class WriterProcess implements AutoCloseable {

    private static WriterProcess spare;

    private final Process process;
    private final File errors;

    private WriterProcess() throws IOException {
        errors = File.createTempFile("killed-writer", ".log");
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        classPath(),
                        KilledWriter.class.getName())
                .redirectError(errors)
                .start();
    }

    /** The next process, for the caller to close; another one is started. */
    static WriterProcess take() throws IOException {
        WriterProcess taken = spare == null ? new WriterProcess() : spare;
        spare = new WriterProcess();
        return taken;
    }

    static void dismissSpare() throws IOException {
        if (spare != null) {
            spare.close();
            spare = null;
        }
    }

    /** What the process needs, and not what all the tests of this module need. */
    private static String classPath() {
        return Stream.of(Holt.class, KilledWriter.class, LoggerFactory.class, SimpleLogger.class)
                .map(WriterProcess::location)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String location(Class<?> type) {
        try {
            URI location =
                    type.getProtectionDomain().getCodeSource().getLocation().toURI();
            return Path.of(location).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Tells it what to do. */
    void begin(List<String> orders) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8)
                .append(String.join("\n", orders))
                .append('\n')
                .flush();
    }

    InputStream output() {
        return process.getInputStream();
    }

    /** By its handle: destroying the process itself would close the pipe, and what it still said counts too. */
    void kill() {
        assertThat(process.toHandle().destroyForcibly()).isTrue();
    }

    void awaitDeath() throws InterruptedException {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isNotZero();
    }

    String errors() {
        try {
            return Files.readString(errors.toPath(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(errors.toPath());
    }
}
