package io.holt.examples.flink;

import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;

/** Gives the one split to the first reader that registers, and keeps it while there is none. */
final class EventSplitEnumerator implements SplitEnumerator<EventSplit, EventSplit> {

    private final SplitEnumeratorContext<EventSplit> context;
    private EventSplit unassigned;

    EventSplitEnumerator(SplitEnumeratorContext<EventSplit> context, EventSplit unassigned) {
        this.context = context;
        this.unassigned = unassigned;
    }

    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtask, String host) {
        throw new UnsupportedOperationException("readers of this source ask for no splits: they are given theirs");
    }

    @Override
    public void addReader(int subtask) {
        if (!unassigned.equals(EventSplit.NONE)) {
            context.assignSplits(new SplitsAssignment<>(unassigned, subtask));
            unassigned = EventSplit.NONE;
        }
        context.signalNoMoreSplits(subtask);
    }

    @Override
    public void addSplitsBack(List<EventSplit> splits, int subtask) {
        for (EventSplit split : splits) {
            unassigned = split;
        }
    }

    @Override
    public EventSplit snapshotState(long checkpoint) {
        return unassigned;
    }

    @Override
    public void close() {}
}
