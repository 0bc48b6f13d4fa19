package io.holt.benchmarks.harness;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes down what a file of results was measured on and by which command, beside it. */
public final class Machine {

    private static final Pattern PEER = Pattern.compile("(rocksdbjni|lmdbjava|flink-runtime)-([0-9.]+)\\.jar");

    private Machine() {}

    /**
     * Writes lines of {@code what: it is}.
     *
     * @param command what repeats the measurement
     */
    public static void write(Path file, String command) throws IOException {
        write(file, command, System.getProperty("java.class.path"));
    }

    /** As {@link #write(Path, String)}, for what was measured in processes with another class path. */
    public static void write(Path file, String command, String classPath) throws IOException {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        List<String> lines = new ArrayList<>();
        lines.add("command: " + command);
        String memory = system instanceof com.sun.management.OperatingSystemMXBean host
                ? ", " + (host.getTotalMemorySize() >> 30) + " GiB of memory"
                : "";
        lines.add("machine: " + system.getAvailableProcessors() + " processors (" + system.getArch() + ")" + memory
                + ", " + system.getName());
        lines.add("jvm: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        lines.add("peers: " + String.join(", ", peers(classPath)));
        lines.add(String.format(Locale.ROOT, "load average at the end: %.1f", system.getSystemLoadAverage()));
        Files.write(file, lines);
    }

    /** Of jars that are there in two versions the first one counts, as for the class loader. */
    private static Collection<String> peers(String classPath) {
        Map<String, String> peers = new LinkedHashMap<>();
        Matcher matcher = PEER.matcher(classPath);
        while (matcher.find()) {
            peers.putIfAbsent(matcher.group(1), matcher.group(1) + " " + matcher.group(2));
        }
        return peers.values();
    }
}
