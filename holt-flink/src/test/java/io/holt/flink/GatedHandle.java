package io.holt.flink;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.runtime.state.PhysicalStateHandleID;
import org.apache.flink.runtime.state.StreamStateHandle;

/** A pack that is read in the background only when a gate is open; whoever waits for a part of it reads it at once. */
final class GatedHandle implements StreamStateHandle {

    private static final long serialVersionUID = 1L;
    private static final String BACKGROUND = "holt-image-fill";

    private final StreamStateHandle pack;
    private final transient Gate gate;

    GatedHandle(StreamStateHandle pack, Gate gate) {
        this.pack = pack;
        this.gate = gate;
    }

    /** What the background waits for. */
    static final class Gate {
        private boolean isOpen;
        private boolean waitedFor;

        synchronized void open() {
            isOpen = true;
            notifyAll();
        }

        /** Returns when the background has come to the gate. */
        synchronized void awaitWaiting() throws InterruptedException {
            while (!waitedFor) {
                wait();
            }
        }

        private synchronized void pass(AtomicBoolean closed) throws IOException {
            waitedFor = true;
            notifyAll();
            while (!isOpen && !closed.get()) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }
            if (closed.get()) {
                throw new IOException("the stream was closed");
            }
        }

        private synchronized void closed() {
            notifyAll();
        }
    }

    @Override
    public FSDataInputStream openInputStream() throws IOException {
        FSDataInputStream stream = pack.openInputStream();
        AtomicBoolean closed = new AtomicBoolean();
        return new FSDataInputStream() {
            @Override
            public void seek(long position) throws IOException {
                stream.seek(position);
            }

            @Override
            public long getPos() throws IOException {
                return stream.getPos();
            }

            @Override
            public int read() throws IOException {
                pass();
                return stream.read();
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                pass();
                return stream.read(target, offset, length);
            }

            private void pass() throws IOException {
                if (Thread.currentThread().getName().equals(BACKGROUND)) {
                    gate.pass(closed);
                }
            }

            @Override
            public void close() throws IOException {
                closed.set(true);
                gate.closed();
                stream.close();
            }
        };
    }

    @Override
    public Optional<byte[]> asBytesIfInMemory() {
        return pack.asBytesIfInMemory();
    }

    @Override
    public PhysicalStateHandleID getStreamStateHandleID() {
        return pack.getStreamStateHandleID();
    }

    @Override
    public void discardState() throws Exception {
        pack.discardState();
    }

    @Override
    public long getStateSize() {
        return pack.getStateSize();
    }
}
