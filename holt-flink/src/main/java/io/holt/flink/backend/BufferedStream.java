package io.holt.flink.backend;

import java.io.IOException;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.PhysicalStateHandleID;
import org.apache.flink.runtime.state.StreamStateHandle;

/**
 * A stream read in large pieces. Flink reads a snapshot in pieces of a few bytes, which on a file costs a system call
 * each.
 */
final class BufferedStream extends FSDataInputStream {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final FSDataInputStream stream;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    BufferedStream(FSDataInputStream stream) {
        this.stream = stream;
    }

    /** The same handle, whose streams are buffered; for reading only. */
    static KeyGroupsStateHandle buffered(KeyGroupsStateHandle handle) {
        return new KeyGroupsStateHandle(handle.getGroupRangeOffsets(), new Handle(handle));
    }

    @Override
    public void seek(long target) throws IOException {
        long bufferEnd = stream.getPos();
        long bufferStart = bufferEnd - limit;
        if (target >= bufferStart && target <= bufferEnd) {
            position = (int) (target - bufferStart);
        } else {
            stream.seek(target);
            position = 0;
            limit = 0;
        }
    }

    @Override
    public long getPos() throws IOException {
        return stream.getPos() - (limit - position);
    }

    @Override
    public int read() throws IOException {
        return fillIfEmpty() ? buffer[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == limit && length >= BUFFER_BYTES) {
            position = 0;
            limit = 0;
            return stream.read(target, offset, length);
        }
        if (!fillIfEmpty()) {
            return -1;
        }
        int bytes = Math.min(length, limit - position);
        System.arraycopy(buffer, position, target, offset, bytes);
        position += bytes;
        return bytes;
    }

    private boolean fillIfEmpty() throws IOException {
        if (position < limit) {
            return true;
        }
        position = 0;
        limit = Math.max(0, stream.read(buffer, 0, BUFFER_BYTES));
        return limit > 0;
    }

    @Override
    public int available() throws IOException {
        return limit - position + stream.available();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }

    /** Leaves everything but opening streams to another handle. */
    private static final class Handle implements StreamStateHandle {
        private static final long serialVersionUID = 1L;

        private final KeyGroupsStateHandle handle;

        Handle(KeyGroupsStateHandle handle) {
            this.handle = handle;
        }

        @Override
        public FSDataInputStream openInputStream() throws IOException {
            return new BufferedStream(handle.openInputStream());
        }

        @Override
        public Optional<byte[]> asBytesIfInMemory() {
            return handle.asBytesIfInMemory();
        }

        @Override
        public PhysicalStateHandleID getStreamStateHandleID() {
            return handle.getStreamStateHandleID();
        }

        @Override
        public void discardState() throws Exception {
            handle.discardState();
        }

        @Override
        public long getStateSize() {
            return handle.getStateSize();
        }

        @Override
        public String toString() {
            return handle.toString();
        }
    }
}
