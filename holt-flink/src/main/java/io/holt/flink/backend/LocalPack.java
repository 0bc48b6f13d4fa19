package io.holt.flink.backend;

import io.holt.flink.snapshot.Pack;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;

/**
 * A pack in a file of this machine. Of a piece its own bytes are read and no others, and those of whole pages go
 * straight to where they belong. For one thread; closing, by any, ends a reading that is under way.
 */
final class LocalPack implements Closeable {

    /** Pieces up to this are read by one call. */
    private static final int BUFFER_BYTES = 64 * 1024;

    /** So much is read of a larger piece before it is known where the rest goes. */
    private static final int BEGINNING_BYTES = 512;

    private final FileChannel channel;
    private final byte[] buffer;

    private LocalPack(FileChannel channel, byte[] buffer) {
        this.channel = channel;
        this.buffer = buffer;
    }

    /** A buffer for packs of which one at a time is read. */
    static byte[] newBuffer() {
        return new byte[BUFFER_BYTES];
    }

    /**
     * Opens the file of a pack.
     *
     * @param directory where copies of packs are, or null
     * @param buffer see {@link #newBuffer}
     * @return null if it is not known to be in a file of this machine
     * @throws java.io.FileNotFoundException if it should be there and is not
     */
    static LocalPack open(Pack pack, Path directory, byte[] buffer) throws IOException {
        Path file = directory == null ? fileOf(pack.handle()) : directory.resolve(pack.name());
        // Not FileChannel.open, for errors are to be the same as those of Flink's own streams.
        return file == null ? null : new LocalPack(new FileInputStream(file.toFile()).getChannel(), buffer);
    }

    private static Path fileOf(StreamStateHandle handle) {
        if (!(handle instanceof FileStateHandle inFile)) {
            return null;
        }
        org.apache.flink.core.fs.Path path = inFile.getFilePath();
        String scheme = path.toUri().getScheme();
        return "file".equals(scheme) ? Path.of(path.getPath()) : null;
    }

    /** A part of the pack, good until another one is asked for of a pack with the same buffer. */
    InputStream piece(long offset, int bytes) {
        return new Piece(offset, bytes);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Its position is that in the file; what is buffered lies before it. */
    private final class Piece extends InputStream implements ReadableByteChannel {
        private final long end;
        private final int readAhead;
        private long position;
        private int next;
        private int limit;

        Piece(long offset, int bytes) {
            this.position = offset;
            this.end = offset + bytes;
            this.readAhead = bytes <= BUFFER_BYTES ? BUFFER_BYTES : BEGINNING_BYTES;
        }

        @Override
        public int read() throws IOException {
            return fillIfEmpty() ? buffer[next++] & 0xFF : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return length == 0 ? 0 : read(ByteBuffer.wrap(target, offset, length));
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            if (next == limit && target.remaining() >= readAhead) {
                return readAt(target);
            }
            if (!fillIfEmpty()) {
                return -1;
            }
            int bytes = Math.min(target.remaining(), limit - next);
            target.put(buffer, next, bytes);
            next += bytes;
            return bytes;
        }

        private boolean fillIfEmpty() throws IOException {
            if (next < limit) {
                return true;
            }
            next = 0;
            limit = Math.max(0, readAt(ByteBuffer.wrap(buffer, 0, readAhead)));
            return limit > 0;
        }

        private int readAt(ByteBuffer target) throws IOException {
            int wanted = (int) Math.min(target.remaining(), end - position);
            if (wanted == 0) {
                return -1;
            }
            int read = channel.read(target.limit(target.position() + wanted), position);
            position += Math.max(0, read);
            return read;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }
    }
}
