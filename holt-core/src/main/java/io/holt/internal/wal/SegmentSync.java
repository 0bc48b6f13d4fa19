package io.holt.internal.wal;

import io.holt.internal.io.IoFile;
import java.util.List;

/** What one sync of a log makes durable. Threads: one at a time. */
final class SegmentSync {

    private final SegmentChain chain;
    private List<IoFile> ended = List.of();
    private IoFile current;
    private boolean names;

    SegmentSync(SegmentChain chain) {
        this.chain = chain;
    }

    /** Takes note of it, while nothing is written. See {@link GroupCommit.Log#beforeSync}. */
    void prepare(boolean whole) {
        ended = chain.takeUnsynced();
        current = whole ? chain.currentFile() : null;
        names = chain.takeNameUnsynced();
    }

    /** Does it, and closes the files of segments that nothing is added to any more. */
    void run() {
        try {
            for (IoFile file : ended) {
                file.unmap();
                file.sync();
            }
        } finally {
            ended.forEach(IoFile::close);
            ended = List.of();
        }
        if (current != null) {
            current.sync();
        }
        if (names) {
            chain.syncNames();
        }
    }
}
