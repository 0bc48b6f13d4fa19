package io.holt.internal.engine;

import io.holt.api.Envelope;
import io.holt.internal.tree.TreeCore;
import java.util.List;

/** What makes a database last: nothing, or files. Threads: any. */
interface Persistence {

    /** For a database in memory only. */
    Persistence NONE = new Persistence() {
        @Override
        public void checkpoint() {}

        @Override
        public void vacuum() {}

        @Override
        public List<Envelope> envelopes(long afterLsn) {
            return List.of();
        }

        @Override
        public void checkpointOnClose(TreeCore core) {}

        @Override
        public long fileBytes() {
            return 0;
        }

        @Override
        public long checkpoints() {
            return 0;
        }

        @Override
        public long lastCheckpointBytes() {
            return 0;
        }

        @Override
        public long lastCheckpointNanos() {
            return 0;
        }

        @Override
        public long logSyncs() {
            return 0;
        }

        @Override
        public String ioEngine() {
            return "none";
        }

        @Override
        public String ioBuffers() {
            return "plain";
        }

        @Override
        public void releaseBuffers() {}

        @Override
        public void close() {}
    };

    /** Makes the present state durable; returns when it is. */
    void checkpoint();

    /** As {@code HoltDb.vacuum}. */
    void vacuum();

    /** As {@code HoltDb.envelopes}. */
    List<Envelope> envelopes(long afterLsn);

    /** Runs something while no checkpoint is taken. */
    default void betweenCheckpoints(Runnable work) {
        work.run();
    }

    /** As {@link #checkpoint}, before closing: not if nothing changed since the last one, nor after a failed write. */
    void checkpointOnClose(TreeCore core);

    long fileBytes();

    long checkpoints();

    long lastCheckpointBytes();

    long lastCheckpointNanos();

    long logSyncs();

    String ioEngine();

    /** As {@code IoEngine.buffers}. */
    String ioBuffers();

    /** Gives frames back to the pool; no checkpoint follows. */
    void releaseBuffers();

    /** Returns when no checkpoint is under way; none is taken any more. Idempotent. */
    default void endCheckpoints() {}

    /** Closes files and lets the directory go. */
    void close();
}
