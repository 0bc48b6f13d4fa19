package io.holt.examples.kstreams;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a directory takes on disk. */
final class DiskUsage {

    private DiskUsage() {}

    /** Allocated bytes as {@code du} counts them, holes left out; where there is no {@code du}, the files' lengths. */
    static long bytes(Path directory) throws IOException {
        try {
            Process du = new ProcessBuilder("du", "-sk", directory.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader lines = du.inputReader(StandardCharsets.UTF_8)) {
                String line = lines.readLine();
                if (line != null) {
                    return Long.parseLong(line.substring(0, line.indexOf('\t'))) << 10;
                }
            }
        } catch (IOException e) {
            return lengths(directory);
        }
        return lengths(directory);
    }

    private static long lengths(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(DiskUsage::length)
                    .sum();
        }
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
