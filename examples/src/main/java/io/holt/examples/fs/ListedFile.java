package io.holt.examples.fs;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A file of a listing. Immutable.
 *
 * @param module the module that the file belongs to, like {@code java.base}
 * @param path {@code /module/name/.../name}, at most 65,535 bytes of UTF-8
 * @param directory the path up to its last slash, without it; at least {@code /module}
 * @param size bytes, not negative
 */
public record ListedFile(String module, String path, String directory, long size) {

    /** @throws IllegalArgumentException if module, path and directory do not fit each other, or the size is negative */
    public ListedFile {
        Objects.requireNonNull(module, "module");
        if (module.isEmpty() || module.indexOf('/') >= 0) {
            throw new IllegalArgumentException("the module's name is empty or has a slash: '" + module + "'");
        }
        if (!path.startsWith("/" + module + "/") || path.endsWith("/")) {
            throw new IllegalArgumentException("a file of module " + module + " lies below it: '" + path + "'");
        }
        if (!directory.equals(parent(path))) {
            throw new IllegalArgumentException("'" + directory + "' is not the directory of '" + path + "'");
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > EventCodec.MAX_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "a path has at most " + EventCodec.MAX_PATH_BYTES + " bytes of UTF-8: " + path.substring(0, 80));
        }
        if (size < 0) {
            throw new IllegalArgumentException("the size of " + path + " is negative: " + size);
        }
    }

    /**
     * The file of that path, its module and directory taken from it.
     *
     * @throws IllegalArgumentException unless the path reads {@code /module/name/.../name}
     */
    public static ListedFile of(String path, long size) {
        int second = path.indexOf('/', 1);
        if (!path.startsWith("/") || second < 0) {
            throw new IllegalArgumentException(
                    "a path reads /module/name/.../name, and this one does not: '" + path + "'");
        }
        return new ListedFile(path.substring(1, second), path, parent(path), size);
    }

    private static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }
}
