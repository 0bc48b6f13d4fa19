package io.holt.testkit;

import io.holt.api.HoltIoException;
import io.holt.internal.io.IoBatch;
import io.holt.internal.io.IoFile;
import io.holt.internal.memory.Memory;
import io.holt.testkit.SimulatedDisk.Call;
import java.nio.file.Path;
import java.util.Arrays;

/** An open file of a {@link SimulatedDisk}; at most 2 GiB. */
final class SimulatedFile implements IoFile {

    private final SimulatedDisk disk;
    private final Path path;
    private final SimulatedNode node;
    private long mappedBytes;
    private boolean closed;

    SimulatedFile(SimulatedDisk disk, Path path, SimulatedNode node) {
        this.disk = disk;
        this.path = path;
        this.node = node;
    }

    @Override
    public Path path() {
        return path;
    }

    private void on(Call call) {
        if (closed) {
            throw new IllegalStateException(path + " is closed");
        }
        disk.on(call, path);
    }

    @Override
    public void read(long fileOffset, long address, long bytes) {
        synchronized (disk) {
            on(Call.READ);
            if (fileOffset + bytes > node.size()) {
                throw new HoltIoException("read of " + bytes + " bytes at offset " + fileOffset + " of " + path
                        + " found the end of the file");
            }
            node.read(Math.toIntExact(fileOffset), address, Math.toIntExact(bytes));
        }
    }

    @Override
    public void write(long fileOffset, long address, long bytes) {
        synchronized (disk) {
            byte[] array = new byte[Math.toIntExact(bytes)];
            Memory.copyToArray(address, array, 0, array.length);
            try {
                on(Call.WRITE);
            } catch (HoltIoException e) {
                writePart(fileOffset, array);
                throw e;
            } catch (SimulatedDisk.Crash e) {
                if (e.under) {
                    writePart(fileOffset, array);
                }
                throw e;
            }
            node.write(Math.toIntExact(fileOffset), array);
        }
    }

    /** What a failed write leaves is unknown: here, its first half. Of stores, any first part. */
    private void writePart(long fileOffset, byte[] array) {
        int words = array.length / Long.BYTES;
        int kept = fileOffset + array.length <= mappedBytes && words > 0
                ? (int) (disk.calls() % words) * Long.BYTES
                : array.length / 2;
        if (kept > 0) {
            node.write(Math.toIntExact(fileOffset), Arrays.copyOf(array, kept));
        }
    }

    @Override
    public void submit(IoBatch batch) {
        batch.forgetOutcome();
        for (int i = 0; i < batch.count(); i++) {
            try {
                if (batch.isWrite(i)) {
                    write(batch.fileOffset(i), batch.address(i), batch.bytes(i));
                } else {
                    read(batch.fileOffset(i), batch.address(i), batch.bytes(i));
                }
            } catch (HoltIoException e) {
                batch.fail(i, e);
            }
        }
        batch.throwIfFailed();
    }

    @Override
    public void sync() {
        synchronized (disk) {
            on(Call.SYNC);
            node.sync();
        }
    }

    @Override
    public void preallocate(long fileOffset, long bytes) {
        if (size() < fileOffset + bytes) {
            truncate(fileOffset + bytes);
        }
    }

    @Override
    public boolean mapForWriting(long bytes, long keptBytes) {
        preallocate(0, bytes);
        mappedBytes = bytes;
        synchronized (disk) {
            // What may become zeros at any time: nothing, half or all of it does now.
            long zeros = (bytes - keptBytes) / 2 * (disk.calls() % 3);
            node.write(Math.toIntExact(keptBytes), new byte[Math.toIntExact(zeros)]);
        }
        return true;
    }

    @Override
    public boolean store(long fileOffset, long address, long bytes) {
        boolean mapped = fileOffset + bytes <= mappedBytes;
        if (mapped) {
            write(fileOffset, address, bytes);
        }
        return mapped;
    }

    @Override
    public void unmap() {
        mappedBytes = 0;
    }

    @Override
    public boolean punchHole(long fileOffset, long bytes) {
        synchronized (disk) {
            on(Call.RESIZE);
            int end = (int) Math.min(node.size(), fileOffset + bytes);
            if (end > fileOffset) {
                node.write((int) fileOffset, new byte[end - (int) fileOffset]);
            }
            return true;
        }
    }

    @Override
    public void truncate(long bytes) {
        synchronized (disk) {
            on(Call.RESIZE);
            node.resize(Math.toIntExact(bytes));
        }
    }

    @Override
    public long size() {
        synchronized (disk) {
            return node.size();
        }
    }

    @Override
    public long allocatedBytes() {
        return size();
    }

    @Override
    public void close() {
        closed = true;
    }
}
