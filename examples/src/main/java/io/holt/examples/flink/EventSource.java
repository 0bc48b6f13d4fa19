package io.holt.examples.flink;

import io.holt.examples.fs.FileSystemEvent;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The file system's events as a Flink source: one split, read by one subtask, so that the events of a file stay in
 * order. A checkpoint holds the index of the next event and nothing else.
 */
final class EventSource implements Source<FileSystemEvent, EventSplit, EventSplit> {

    private static final long serialVersionUID = 1L;

    private final String run;

    EventSource(String run) {
        this.run = run;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SourceReader<FileSystemEvent, EventSplit> createReader(SourceReaderContext context) {
        return new EventReader(RunScope.of(run));
    }

    @Override
    public SplitEnumerator<EventSplit, EventSplit> createEnumerator(SplitEnumeratorContext<EventSplit> context) {
        return new EventSplitEnumerator(context, EventSplit.FROM_THE_BEGINNING);
    }

    @Override
    public SplitEnumerator<EventSplit, EventSplit> restoreEnumerator(
            SplitEnumeratorContext<EventSplit> context, EventSplit unassigned) {
        return new EventSplitEnumerator(context, unassigned);
    }

    @Override
    public SimpleVersionedSerializer<EventSplit> getSplitSerializer() {
        return new EventSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<EventSplit> getEnumeratorCheckpointSerializer() {
        return new EventSplitSerializer();
    }
}
