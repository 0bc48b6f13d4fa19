package io.holt.examples.flink;

import io.holt.examples.fs.FileSystemEvent;
import io.holt.examples.fs.FileSystemEvents;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;

/**
 * Emits the events as fast as they are taken, stopping only at the gates of the {@link KillPlan}. All methods are
 * called by the source's task thread.
 */
final class EventReader implements SourceReader<FileSystemEvent, EventSplit> {

    // Few enough that a checkpoint need not wait long, enough to make the call worth it.
    private static final int EVENTS_A_POLL = 32;

    private final FileSystemEvents events;
    private final KillPlan kills;
    private final RunProbe probe;
    private final int killsAtStart;
    private final CompletableFuture<Void> splitGiven = new CompletableFuture<>();

    private long next = EventSplit.NONE.next();
    private boolean noMoreSplits;
    private boolean waiting;
    private long firstCheckpoint = Long.MAX_VALUE;

    EventReader(RunScope scope) {
        this.events = scope.stream();
        this.kills = scope.kills();
        this.probe = scope.probe();
        this.killsAtStart = kills.kills();
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<EventSplit> splits) {
        for (EventSplit split : splits) {
            next = split.next();
            probe.sourceStarts(next);
            splitGiven.complete(null);
        }
    }

    @Override
    public void notifyNoMoreSplits() {
        noMoreSplits = true;
        splitGiven.complete(null);
    }

    @Override
    public InputStatus pollNext(ReaderOutput<FileSystemEvent> output) {
        if (next == EventSplit.NONE.next()) {
            return noMoreSplits ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
        }
        long end = Math.min(Math.min(next + EVENTS_A_POLL, events.count()), kills.emitBelow());
        if (next >= end && next < events.count()) {
            waiting = true;
            return InputStatus.NOTHING_AVAILABLE;
        }
        waiting = false;
        while (next < end) {
            FileSystemEvent event = events.event(next++);
            output.collect(event, event.timestampMillis());
        }
        probe.emitted(next);
        return next < events.count() ? InputStatus.MORE_AVAILABLE : InputStatus.END_OF_INPUT;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return next == EventSplit.NONE.next()
                ? splitGiven
                : waiting ? kills.gate() : CompletableFuture.completedFuture(null);
    }

    @Override
    public List<EventSplit> snapshotState(long checkpoint) {
        firstCheckpoint = Math.min(firstCheckpoint, checkpoint);
        return next == EventSplit.NONE.next() ? List.of() : List.of(new EventSplit(next));
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
        probe.checkpointCompleted();
        if (checkpoint >= firstCheckpoint) {
            kills.checkpointCompleted(killsAtStart);
        }
    }

    @Override
    public void close() {}
}
