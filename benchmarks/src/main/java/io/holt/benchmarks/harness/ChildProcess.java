package io.holt.benchmarks.harness;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of its own for one group of operations, so that what is compiled for one engine is not what another one made
 * of it. The young generation is small: fresh pages of the heap would cost more than the operations.
 */
public final class ChildProcess {

    private static final long BASE_HEAP_MIB = 256;
    private static final long HEAP_BYTES_PER_RECORD = 800;

    private ChildProcess() {}

    /**
     * Runs a main class of this class path to its end.
     *
     * @return its exit status
     */
    public static int run(Class<?> main, int records, List<String> jvmArguments, List<String> arguments)
            throws IOException, InterruptedException {
        return run(main, System.getProperty("java.class.path"), records, jvmArguments, arguments);
    }

    /** As the other, with a class path of its own. */
    public static int run(
            Class<?> main, String classPath, int records, List<String> jvmArguments, List<String> arguments)
            throws IOException, InterruptedException {
        Process child = new ProcessBuilder(command(main, classPath, records, jvmArguments, arguments))
                .inheritIO()
                .start();
        // The child must not outlive this process, however that ends.
        Thread killer = new Thread(child::destroyForcibly, "kill-child");
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            int status = child.waitFor();
            Runtime.getRuntime().removeShutdownHook(killer);
            return status;
        } catch (InterruptedException e) {
            child.destroyForcibly();
            throw e;
        }
    }

    private static List<String> command(
            Class<?> main, String classPath, int records, List<String> jvmArguments, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!argument.startsWith("-Xm") && !argument.startsWith("-agentlib")) {
                command.add(argument);
            }
        }
        command.addAll(jvmArguments(records));
        command.addAll(jvmArguments);
        command.addAll(List.of("-classpath", classPath, main.getName()));
        command.addAll(arguments);
        return command;
    }

    /** What every measuring JVM is started with. */
    static List<String> jvmArguments(int records) {
        long heapMib = BASE_HEAP_MIB + ((records * HEAP_BYTES_PER_RECORD) >> 20);
        return List.of(
                "-Xms" + heapMib + "m",
                "-Xmx" + heapMib + "m",
                "-Xmn32m",
                "-XX:+UseSerialGC",
                "-XX:+AlwaysPreTouch",
                "-Dlmdbjava.disable.checks=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    }
}
