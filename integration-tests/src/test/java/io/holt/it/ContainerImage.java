package io.holt.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;

/**
 * The images that tests in containers use. An image is the one named by a system property, else the public one, else,
 * where no registry is reached, a stand-in built of this machine's programs and the tests' jars by
 * {@code integration-tests/containers/stand-in}.
 *
 * <p>Where there is no Docker engine, or no image can be had, a test is skipped, with a line that can't be overlooked.
 * With {@code -Dholt.it.containers=required}, for machines that are known to have an engine, it fails instead.
 */
public enum ContainerImage {

    /** A broker. */
    KAFKA("holt.it.kafka.image", "apache/kafka:4.3.1", "flink.*|frocksdbjni.*"),

    /** A JobManager or a TaskManager. */
    FLINK("holt.it.flink.image", "flink:2.3.0", "(kafka|local-broker|rocksdbjni|jqwik|jackson|surefire|scala).*"),

    /** A Java run-time of version 22 or newer. */
    JAVA("holt.it.java.image", "eclipse-temurin:25-jre", ".*");

    private static final Logger LOG = LoggerFactory.getLogger(ContainerImage.class);

    private static final boolean REQUIRED = "required".equals(System.getProperty("holt.it.containers"));

    private static final String STAND_IN = ":stand-in";
    private static final long PULL_SECONDS = 120;
    private static final long BUILD_SECONDS = 240;
    private static final Pattern TESTS_OWN = Pattern.compile("(holt-|junit|assertj|testcontainers|docker-java|jna-).*");

    private final String property;
    private final String publicName;
    private final Pattern jarsLeftOut;

    ContainerImage(String property, String publicName, String jarsLeftOut) {
        this.property = property;
        this.publicName = publicName;
        this.jarsLeftOut = Pattern.compile(jarsLeftOut);
    }

    /** Finds or makes the image. Skips the test if that can't be. */
    public DockerImageName orSkip() throws IOException, InterruptedException {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw skip("no Docker engine answers", null);
        }
        String given = System.getProperty(property);
        String name = given == null ? publicName : given;
        if (isPresent(name) || isPulled(name)) {
            return compatible(name);
        } else if (given != null) {
            throw skip("there is no image " + given + ", and it can't be pulled", null);
        }
        return compatible(buildStandIn());
    }

    /** Whether an image was built here. */
    public static boolean isStandIn(DockerImageName image) {
        return image.asCanonicalNameString().endsWith(STAND_IN);
    }

    private DockerImageName compatible(String name) {
        return DockerImageName.parse(name).asCompatibleSubstituteFor(publicName.split(":")[0]);
    }

    private static boolean isPresent(String name) {
        return DockerClientFactory.instance().client().listImagesCmd().exec().stream()
                .flatMap(image -> image.getRepoTags() == null ? Stream.empty() : Stream.of(image.getRepoTags()))
                .anyMatch(name::equals);
    }

    private static boolean isPulled(String name) throws InterruptedException {
        try {
            return DockerClientFactory.instance()
                    .client()
                    .pullImageCmd(name)
                    .start()
                    .awaitCompletion(PULL_SECONDS, TimeUnit.SECONDS);
        } catch (RuntimeException e) {
            LOG.info("{} can't be pulled: {}", name, e.getMessage());
            return false;
        }
    }

    private String buildStandIn() throws IOException, InterruptedException {
        String kind = name().toLowerCase(Locale.ROOT);
        String tag = "holt-it/" + kind + STAND_IN;
        Path directory = Files.createTempDirectory("holt-stand-in");
        Path jars = Files.write(directory.resolve("jars"), jars());
        File log = directory.resolve("log").toFile();
        Process script = new ProcessBuilder(
                        "bash",
                        System.getProperty("holt.containers.directory") + "/stand-in",
                        kind,
                        tag,
                        System.getProperty("java.home"),
                        jars.toString())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        boolean isDone = script.waitFor(BUILD_SECONDS, TimeUnit.SECONDS);
        if (!isDone) {
            script.descendants().forEach(ProcessHandle::destroyForcibly);
            script.destroyForcibly().waitFor();
        }
        String said = Files.readString(log.toPath());
        Files.delete(log.toPath());
        Files.delete(jars);
        Files.delete(directory);
        if (!isDone || script.exitValue() != 0) {
            throw skip("no registry is reached, and no stand-in of " + publicName + " could be built:\n" + said, null);
        }
        LOG.info("{} is a stand-in of {}", tag, publicName);
        return tag;
    }

    /** The jars of the tests' class path that the image is to have. */
    private List<String> jars() {
        return classPath()
                .filter(entry -> entry.endsWith(".jar"))
                .filter(entry -> {
                    String jar = Path.of(entry).getFileName().toString();
                    return !TESTS_OWN.matcher(jar).matches()
                            && !jarsLeftOut.matcher(jar).matches();
                })
                .toList();
    }

    /** Jars and directories of classes of this JVM. */
    public static Stream<String> classPath() {
        String entries = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(entries.split(File.pathSeparator));
    }

    /**
     * Skips the test, for a reason that is the machine's and not the test's. Says so where nobody overlooks it. Where
     * tests in containers are required the test fails.
     *
     * @param cause or null
     */
    public static RuntimeException skip(String reason, Throwable cause) {
        if (REQUIRED) {
            throw new AssertionError("a test in containers is required, and can't be run: " + reason, cause);
        }
        String line = "SKIPPED, a test in containers was not run: " + reason;
        System.err.println("\n" + "*".repeat(100) + "\n" + line + "\n" + "*".repeat(100));
        if (cause != null) {
            LOG.warn("The cause", cause);
        }
        return Assumptions.abort(line);
    }
}
