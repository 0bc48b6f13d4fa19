package io.holt.flink;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataInputStreamWrapper;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** Files of this machine by another name, so that they are taken for remote ones. Counts what is read of them. */
public final class ReadCountingFileSystem extends LocalFileSystem {

    /** The scheme of its addresses. */
    static final String SCHEME = "counted";

    private static final AtomicLong BYTES_READ = new AtomicLong();

    /** By all, since it was last asked. */
    static long takeBytesRead() {
        return BYTES_READ.getAndSet(0);
    }

    @Override
    public URI getUri() {
        return URI.create(SCHEME + ":///");
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        return open(path);
    }

    @Override
    public FSDataInputStream open(Path path) throws IOException {
        return new CountedStream(super.open(path));
    }

    /** Makes it known to Flink. */
    public static final class Factory implements FileSystemFactory {

        @Override
        public String getScheme() {
            return SCHEME;
        }

        @Override
        public FileSystem create(URI address) {
            return new ReadCountingFileSystem();
        }
    }

    private static final class CountedStream extends FSDataInputStreamWrapper {

        CountedStream(FSDataInputStream stream) {
            super(stream);
        }

        @Override
        public int read() throws IOException {
            int oneByte = super.read();
            BYTES_READ.addAndGet(oneByte < 0 ? 0 : 1);
            return oneByte;
        }

        @Override
        public int read(byte[] bytes) throws IOException {
            return read(bytes, 0, bytes.length);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            BYTES_READ.addAndGet(Math.max(0, read));
            return read;
        }
    }
}
