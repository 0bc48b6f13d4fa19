package io.holt.flink.backend;

import io.holt.flink.snapshot.FramePiece;
import io.holt.flink.snapshot.LocalPacks;
import io.holt.flink.snapshot.Pack;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.local.LocalDataInputStream;
import org.apache.flink.util.IOUtils;

/**
 * The packs of a checkpoint, open for reading: those that were read last, so that a storage that allows few connections
 * is not asked for many. Files of this machine may be as many as a subtask's checkpoint usually has. For one thread.
 */
final class PackStreams implements AutoCloseable {

    private static final int MAX_LOCAL = 128;

    private final Path directory;
    private final LocalPacks localPacks;
    private final CloseableRegistry cancellation;
    private final int maxOpen;
    private final Map<Pack, FSDataInputStream> open = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Pack, LocalPack> local = new LinkedHashMap<>(16, 0.75f, true);
    private final byte[] localBuffer = LocalPack.newBuffer();
    private final Set<Pack> kept = new HashSet<>();

    /**
     * @param directory where copies of the packs are, or null if they are read from where they are kept
     * @param localPacks where copies of them are to be kept from now on, or null
     * @param maxOpen how many may be open at a time
     */
    PackStreams(Path directory, LocalPacks localPacks, CloseableRegistry cancellation, int maxOpen) {
        this.directory = directory;
        this.localPacks = localPacks;
        this.cancellation = cancellation;
        this.maxOpen = maxOpen;
    }

    /**
     * A piece of a pack that is a file of this machine, good until another piece is asked for; it need not be closed.
     *
     * @return null if the pack is somewhere else, or its copy is still to be made
     */
    InputStream local(FramePiece piece) throws IOException {
        if (localPacks != null) {
            return null;
        }
        LocalPack pack = local.get(piece.pack());
        if (pack == null) {
            pack = LocalPack.open(piece.pack(), directory, localBuffer);
            if (pack == null) {
                return null;
            }
            cancellation.registerCloseable(pack);
            if (local.size() == MAX_LOCAL) {
                Pack eldest = local.keySet().iterator().next();
                close(local.remove(eldest));
            }
            local.put(piece.pack(), pack);
        }
        return pack.piece(piece.offset(), piece.bytes());
    }

    /** Opens the pack of a piece. */
    void open(FramePiece piece) throws IOException {
        if (local(piece) == null) {
            at(piece.pack(), piece.offset());
        }
    }

    /** A stream at a position of a pack, good until that of another pack is asked for; it stays this object's. */
    FSDataInputStream at(Pack pack, long offset) throws IOException {
        FSDataInputStream stream = open.get(pack);
        if (stream == null) {
            if (open.size() == maxOpen) {
                Pack eldest = open.keySet().iterator().next();
                close(open.remove(eldest));
            }
            stream = new BufferedStream(open(pack));
            cancellation.registerCloseable(stream);
            open.put(pack, stream);
        }
        stream.seek(offset);
        return stream;
    }

    /** Copies those packs of which no copy was made yet, if copies are to be kept. */
    void keepAll(Collection<Pack> packs) throws IOException {
        for (Pack pack : packs) {
            keepOnce(pack);
        }
    }

    private void keepOnce(Pack pack) throws IOException {
        if (localPacks != null && kept.add(pack)) {
            keep(pack);
        }
    }

    private FSDataInputStream open(Pack pack) throws IOException {
        keepOnce(pack);
        if (localPacks != null) {
            return new LocalDataInputStream(localPacks.file(pack.name()).toFile());
        }
        return directory != null
                ? new LocalDataInputStream(directory.resolve(pack.name()).toFile())
                : pack.handle().openInputStream();
    }

    private void keep(Pack pack) throws IOException {
        if (directory != null) {
            localPacks.adopt(directory.resolve(pack.name()));
            return;
        }
        try (FSDataInputStream remote = pack.handle().openInputStream()) {
            cancellation.registerCloseable(remote);
            try {
                Files.copy(remote, localPacks.file(pack.name()));
            } catch (IOException e) {
                // A part of a pack must not be taken for one.
                Files.deleteIfExists(localPacks.file(pack.name()));
                throw e;
            } finally {
                cancellation.unregisterCloseable(remote);
            }
        }
    }

    private void close(Closeable stream) {
        cancellation.unregisterCloseable(stream);
        IOUtils.closeQuietly(stream);
    }

    @Override
    public void close() {
        open.values().forEach(this::close);
        open.clear();
        local.values().forEach(this::close);
        local.clear();
    }
}
