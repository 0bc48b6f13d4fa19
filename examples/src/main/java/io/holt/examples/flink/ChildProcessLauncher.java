package io.holt.examples.flink;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries each run out in a JVM of its own, so that no backend profits from code that another one has warmed,
 * or suffers from its memory. All of them have the same options, a heap of one size that is there from the
 * beginning among them.
 */
final class ChildProcessLauncher implements RunLauncher {

    private static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch");

    @Override
    public RunReport launch(RunSpec spec) throws RunFailedException, InterruptedException {
        Path directory = Path.of(spec.workDirectory());
        Path specFile = directory.resolve("spec");
        Path reportFile = directory.resolve("report");
        try {
            Files.createDirectories(directory);
            write(specFile, spec);
            Process child = new ProcessBuilder(command(specFile, reportFile))
                    .inheritIO()
                    .start();
            int status = waitFor(child);
            Object report = Files.exists(reportFile) ? read(reportFile) : null;
            if (report instanceof RunReport finished) {
                return finished;
            }
            throw report instanceof String[] failure
                    ? RunFailedException.ofStrings(failure)
                    : new RunFailedException(
                            spec.backend().name() + ": the process of the run ended with status " + status);
        } catch (IOException e) {
            throw RunFailedException.of(spec.backend(), e);
        }
    }

    // The child must not outlive this process, however that ends.
    private static int waitFor(Process child) throws InterruptedException {
        Thread killer = new Thread(child::destroyForcibly, "kill-child");
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            return child.waitFor();
        } catch (InterruptedException e) {
            child.destroyForcibly();
            throw e;
        } finally {
            removeHook(killer);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This process is going down already, and the hook does its work.
        }
    }

    private static List<String> command(Path specFile, Path reportFile) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!argument.startsWith("-Xm")
                    && !argument.startsWith("-agentlib")
                    && !argument.startsWith("-javaagent")) {
                command.add(argument);
            }
        }
        command.addAll(HEAP);
        command.addAll(List.of("-classpath", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(specFile.toString(), reportFile.toString()));
        return command;
    }

    private static void write(Path file, Serializable value) throws IOException {
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(file))) {
            out.writeObject(value);
        }
    }

    private static Object read(Path file) throws IOException {
        try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(file))) {
            return in.readObject();
        } catch (ClassNotFoundException e) {
            throw new IOException(file + " was written by another version of this program", e);
        }
    }

    /** What the child runs: arguments are the file with the run and the file for its report. */
    static final class Main {

        private Main() {}

        public static void main(String[] args) throws IOException {
            RunSpec spec = (RunSpec) read(Path.of(args[0]));
            Serializable report;
            try {
                report = BackendRun.execute(spec, System.out);
            } catch (Exception | LinkageError e) {
                report = RunFailedException.of(spec.backend(), e).toStrings();
            }
            write(Path.of(args[1]), report);
            // Threads that Flink leaves behind would keep the process alive.
            System.exit(0);
        }
    }
}
