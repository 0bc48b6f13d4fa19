package io.holt.examples.fs;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The outcome of an example: every directory, every directory that was forgotten on the way, every file. It takes each
 * of them once: a second one of the same name is an error of whoever computed them. Not for several threads at once.
 */
public final class FileSystemState implements Serializable {

    private static final long serialVersionUID = 1L;

    private final TreeMap<String, DirectoryState> directories = new TreeMap<>();
    private final TreeMap<String, ExpiredDirectory> expired = new TreeMap<>();
    private final TreeMap<String, FileVersion> files = new TreeMap<>();

    /**
     * Takes a directory that is there at the end.
     *
     * @throws IllegalStateException if it was given before
     */
    public void add(DirectoryState directory) {
        addOnce(directories, directory.directory(), directory);
    }

    /**
     * Takes a directory that was forgotten on the way.
     *
     * @throws IllegalStateException if it was given before, forgotten at the same time
     */
    public void add(ExpiredDirectory directory) {
        addOnce(expired, directory.state().directory() + " at " + directory.expiredAtMillis(), directory);
    }

    /**
     * Takes a file that exists at the end.
     *
     * @throws IllegalStateException if it was given before
     */
    public void add(FileVersion file) {
        addOnce(files, file.path(), file);
    }

    private static <T> void addOnce(Map<String, T> map, String name, T value) {
        T earlier = map.putIfAbsent(name, value);
        if (earlier != null) {
            throw new IllegalStateException(name + " was given twice: " + earlier + ", then " + value);
        }
    }

    /** The directory's state, or null if it is not there. */
    public DirectoryState directory(String path) {
        return directories.get(path);
    }

    /** The file's newest version, or null if it does not exist. */
    public FileVersion file(String path) {
        return files.get(path);
    }

    public int directories() {
        return directories.size();
    }

    public int expired() {
        return expired.size();
    }

    public int files() {
        return files.size();
    }

    /** SHA-256 of all of it, sorted by name, as 64 hexadecimal digits: equal states, equal digests. */
    public String digest() {
        MessageDigest digest = sha256();
        directories.values().forEach(state -> update(digest, state));
        expired.values().forEach(state -> update(digest, state));
        files.values().forEach(state -> update(digest, state));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, Record state) {
        digest.update((state + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /**
     * Where this state differs from the one that should be, a sentence for each name.
     *
     * @param limit at most so many sentences, at least 1
     */
    public List<String> differencesFrom(FileSystemState expected, int limit) {
        List<String> differences = new ArrayList<>();
        compare("directory", expected.directories, directories, limit, differences);
        compare("expired directory", expected.expired, expired, limit, differences);
        compare("file", expected.files, files, limit, differences);
        return differences;
    }

    private static <T> void compare(
            String what, Map<String, T> expected, Map<String, T> actual, int limit, List<String> differences) {
        TreeSet<String> names = new TreeSet<>(expected.keySet());
        names.addAll(actual.keySet());
        for (String name : names) {
            if (differences.size() >= limit) {
                return;
            }
            if (!Objects.equals(expected.get(name), actual.get(name))) {
                differences.add(what + " " + name + " should be " + expected.get(name) + " and is " + actual.get(name));
            }
        }
    }
}
