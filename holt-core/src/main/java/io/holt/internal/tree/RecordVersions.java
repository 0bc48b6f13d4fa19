package io.holt.internal.tree;

import io.holt.api.TreeView;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.EpochClock;
import io.holt.internal.sync.WriterGate;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives out the versions of records: ascending, none twice in the life of a database.
 *
 * <p>Invariant: a version given in an epoch lies in [epoch, epoch + 1) times 2 to the {@value #EPOCH_SHIFT}. A
 * checkpoint keeps its epoch and the database opens in a later one, so no version of before comes again; those that
 * only the log has are told by {@link #replayed}. Threads: any.
 */
final class RecordVersions {

    private static final int EPOCH_SHIFT = 28;

    /** Versions that may be given out between asking for room and all threads having taken one. */
    private static final long SLACK = 1 << 20;

    private final EpochClock clock;
    private final AtomicLong last = new AtomicLong();

    RecordVersions(EpochClock clock) {
        this.clock = clock;
    }

    /** Before the gate is entered: sees to it that the present epoch has versions left. */
    void prepare(WriterGate gate) {
        if (isExhausted()) {
            gate.close();
            try {
                prepareClosed();
            } finally {
                gate.open();
            }
        }
    }

    /** As {@link #prepare}, gate held exclusively. */
    void prepareClosed() {
        if (isExhausted()) {
            clock.raise((last.get() + SLACK) >>> EPOCH_SHIFT);
        }
    }

    private boolean isExhausted() {
        return (last.get() + SLACK) >>> EPOCH_SHIFT > clock.now();
    }

    /** The next version; in the gate, under the latch of the record's frame, so that a record's versions ascend. */
    long next() {
        long floor = clock.now() << EPOCH_SHIFT;
        while (true) {
            long before = last.get();
            long next = Math.max(before + 1, floor);
            if (last.compareAndSet(before, next)) {
                return next;
            }
        }
    }

    /** A version that the log has; before any writer. */
    void replayed(long version) {
        last.accumulateAndGet(version, Math::max);
        clock.raise(version >>> EPOCH_SHIFT);
    }

    /** The version that the end of a walk found; the caller validates, or holds the frame's latch. */
    static long of(long frame, long signal) {
        if (Signal.code(signal) != Signal.FOUND) {
            return TreeView.ABSENT;
        }
        long leaf = frame + ((long) Signal.payload(signal) << FrameHeader.UNIT_SHIFT);
        long header = Memory.getLong(leaf);
        return Leaf.isVersioned(header) ? Memory.getLong(Leaf.tail(leaf, header)) : TreeView.NO_VERSION;
    }
}
