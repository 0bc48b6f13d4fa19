package io.holt.benchmarks.data;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Locale;
import java.util.Optional;

/** The shapes of data there are, named in results by {@link #label()}. */
public enum DatasetKind {
    /** 32 random bytes to 64 random bytes, unsorted. */
    KV,
    /** Paths of objects in 32 buckets to 49 bytes of JSON. */
    OBJSTORE,
    /** Paths of files in 16 directories to 32 bytes of numbers. */
    FS;

    private static final Paths OBJSTORE_PATHS = new Paths(
            "bucket-05/",
            "bucket-",
            "bucket-1",
            "bucket-31/path/sub/__holt_create_delete__.bin",
            "bucket-31/path/sub/__holt_rename_dst__.bin");
    private static final Paths FS_PATHS = new Paths(
            "/usr/local/share/category-5/",
            "/usr/local/share/",
            "/usr/local/share/category-1",
            "/usr/local/share/category-15/__holt_create_delete__",
            "/usr/local/share/category-15/__holt_rename_dst__");

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What operations on paths work on, if the keys are paths. */
    public Optional<Paths> paths() {
        return switch (this) {
            case KV -> Optional.empty();
            case OBJSTORE -> Optional.of(OBJSTORE_PATHS);
            case FS -> Optional.of(FS_PATHS);
        };
    }

    /** Fixed arguments of the operations on paths. */
    public static final class Paths {
        private final String directory;
        private final String root;
        private final String subtree;
        private final String createKey;
        private final String renameKey;

        private Paths(String directory, String root, String subtree, String createKey, String renameKey) {
            this.directory = directory;
            this.root = root;
            this.subtree = subtree;
            this.createKey = createKey;
            this.renameKey = renameKey;
        }

        /** The prefix of the directory to be listed. */
        public byte[] directory() {
            return directory.getBytes(US_ASCII);
        }

        /** The prefix under which the directories are. */
        public byte[] root() {
            return root.getBytes(US_ASCII);
        }

        /** The prefix to be deleted: 10 of the 32 buckets, 7 of the 16 categories. */
        public byte[] subtree() {
            return subtree.getBytes(US_ASCII);
        }

        /** A key that the data set does not have. */
        public byte[] createKey() {
            return createKey.getBytes(US_ASCII);
        }

        /** Another one, which a record gets by being renamed. */
        public byte[] renameKey() {
            return renameKey.getBytes(US_ASCII);
        }
    }
}
