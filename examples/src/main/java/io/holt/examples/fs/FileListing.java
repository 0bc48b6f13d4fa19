package io.holt.examples.fs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Files in the order of their paths, each path once, at least one. Immutable. */
public final class FileListing {

    private final List<ListedFile> files;
    private final int directories;
    private final int modules;
    private final long bytes;

    private FileListing(List<ListedFile> files) {
        this.files = files;
        this.directories =
                (int) files.stream().map(ListedFile::directory).distinct().count();
        this.modules = (int) files.stream().map(ListedFile::module).distinct().count();
        this.bytes = files.stream().mapToLong(ListedFile::size).sum();
    }

    /**
     * The listing of those files, given in any order.
     *
     * @throws IllegalArgumentException if there is no file, or two of one path
     */
    public static FileListing of(Collection<ListedFile> files) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("a listing needs at least one file");
        }
        List<ListedFile> sorted = new ArrayList<>(files.size());
        Map<String, String> names = new HashMap<>();
        for (ListedFile file : files) {
            sorted.add(withSharedNames(file, names));
        }
        sorted.sort(Comparator.comparing(ListedFile::path));
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).path().equals(sorted.get(i - 1).path())) {
                throw new IllegalArgumentException(
                        "the path is listed twice: " + sorted.get(i).path());
            }
        }
        return new FileListing(List.copyOf(sorted));
    }

    // Tens of thousands of files share a thousand directories: one String of each.
    private static ListedFile withSharedNames(ListedFile file, Map<String, String> names) {
        String module = names.computeIfAbsent(file.module(), name -> name);
        String directory = names.computeIfAbsent(file.directory(), name -> name);
        return new ListedFile(module, file.path(), directory, file.size());
    }

    public List<ListedFile> files() {
        return files;
    }

    /** How many directories hold a file themselves. */
    public int directories() {
        return directories;
    }

    public int modules() {
        return modules;
    }

    /** The files' sizes together. */
    public long bytes() {
        return bytes;
    }
}
