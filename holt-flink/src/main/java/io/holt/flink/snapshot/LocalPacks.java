package io.holt.flink.snapshot;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of packs on the local disk, from which a task restarts on the same machine without reading the checkpoint
 * storage. A checkpoint's own directory has hard links to them, so each pack is there once. A copy that fails costs the
 * local restart, never the checkpoint.
 */
public final class LocalPacks {

    private static final Logger LOG = LoggerFactory.getLogger(LocalPacks.class);
    private static final int BUFFER_BYTES = 256 * 1024;

    private final Path directory;

    /** Copies for checkpoints that are being written, by file name. */
    private final Set<String> young = new HashSet<>();

    /** @param directory exists; goes with the backend */
    public LocalPacks(Path directory) {
        this.directory = directory;
    }

    /**
     * Whether checkpoints below a directory can have hard links to copies, for which both must be on one file system.
     *
     * @throws IOException if a file can't be made
     */
    public boolean canLinkTo(Path checkpoints) throws IOException {
        Path file = Files.createTempFile(directory, "link", null);
        try {
            Files.createDirectories(checkpoints);
            Path link = checkpoints.resolve(file.getFileName());
            Files.createLink(link, file);
            Files.delete(link);
            return true;
        } catch (FileSystemException | UnsupportedOperationException e) {
            LOG.debug("{} can't have links to files in {}", checkpoints, directory, e);
            return false;
        } finally {
            Files.delete(file);
        }
    }

    /** Where the copies are, each under the name of its pack. */
    public Path directory() {
        return directory;
    }

    /** Where the copy of a pack is, if there is one. */
    public Path file(String packName) {
        return directory.resolve(packName);
    }

    Copy begin(String packName) throws IOException {
        synchronized (this) {
            young.add(packName);
        }
        return new Copy(file(packName));
    }

    /** A checkpoint was written, or failed: its copies are kept from now on if the history has them. */
    synchronized void settle(Collection<String> packNames) {
        young.removeAll(packNames);
    }

    /**
     * Gives a checkpoint its own names for all its packs.
     *
     * @param target exists and is empty
     * @return false if there is no copy of some pack; then nothing was made
     */
    boolean link(Collection<Pack> packs, Path target) throws IOException {
        for (Pack pack : packs) {
            if (!Files.exists(file(pack.name()))) {
                return false;
            }
        }
        for (Pack pack : packs) {
            Files.createLink(target.resolve(pack.name()), file(pack.name()));
        }
        return true;
    }

    /** Takes over the copy that an earlier backend made. */
    public void adopt(Path copy) throws IOException {
        Files.createLink(file(copy.getFileName().toString()), copy);
    }

    /** Deletes the copies of all packs that are neither among these nor of a checkpoint that is being written. */
    synchronized void retain(Supplier<Set<Pack>> packs) throws IOException {
        Set<String> kept = packs.get().stream().map(Pack::name).collect(Collectors.toSet());
        kept.addAll(young);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (!kept.contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        }
    }

    /** A copy that is being written. */
    static final class Copy {
        private final Path file;
        private OutputStream out;
        private IOException failure;

        Copy(Path file) throws IOException {
            this.file = file;
            this.out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
        }

        /** A stream that writes to this one and to the copy. */
        OutputStream tee(OutputStream first) {
            return new Tee(first);
        }

        void keep() {
            try {
                out.close();
            } catch (IOException e) {
                failed(e);
            }
            if (failure != null) {
                delete();
            }
        }

        void discard() {
            try {
                out.close();
            } catch (IOException e) {
                failed(e);
            }
            delete();
        }

        private void failed(IOException e) {
            if (failure == null) {
                failure = e;
                LOG.warn("The local copy {} of a checkpoint's frames can't be written.", file, e);
            }
        }

        private void delete() {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warn("The local copy {} of a checkpoint's frames can't be deleted.", file, e);
            }
        }

        private final class Tee extends OutputStream {
            private final OutputStream first;

            Tee(OutputStream first) {
                this.first = first;
            }

            @Override
            public void write(int oneByte) throws IOException {
                write(new byte[] {(byte) oneByte}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                first.write(bytes, offset, length);
                if (failure == null) {
                    try {
                        out.write(bytes, offset, length);
                    } catch (IOException e) {
                        failed(e);
                    }
                }
            }

            @Override
            public void flush() throws IOException {
                first.flush();
            }
        }
    }
}
