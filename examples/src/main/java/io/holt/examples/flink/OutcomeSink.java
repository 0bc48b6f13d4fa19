package io.holt.examples.flink;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Gives outcomes to the run's {@link RunScope}, each exactly once: they are committed with the checkpoint that covers
 * them, the last ones with the checkpoint at the job's end. Flink's own {@code collectAsync} is no choice for a job
 * whose tasks are killed: its sink throws when it is cancelled before it was opened, which ends the TaskManager.
 */
final class OutcomeSink implements Sink<Outcome>, SupportsCommitter<OutcomeBatch> {

    private static final long serialVersionUID = 1L;

    private final String run;

    OutcomeSink(String run) {
        this.run = run;
    }

    @Override
    public Writer createWriter(WriterInitContext context) {
        return new Writer();
    }

    @Override
    public Committer<OutcomeBatch> createCommitter(CommitterInitContext context) {
        return new ScopeCommitter(RunScope.of(run));
    }

    @Override
    public SimpleVersionedSerializer<OutcomeBatch> getCommittableSerializer() {
        return new OutcomeBatch.Serializer();
    }

    /** Keeps outcomes until the next checkpoint takes them over. */
    static final class Writer implements CommittingSinkWriter<Outcome, OutcomeBatch> {

        private final List<Outcome> outcomes = new ArrayList<>();

        @Override
        public void write(Outcome outcome, Context context) {
            outcomes.add(outcome);
        }

        @Override
        public void flush(boolean endOfInput) {
            // They go with prepareCommit().
        }

        @Override
        public Collection<OutcomeBatch> prepareCommit() {
            if (outcomes.isEmpty()) {
                return List.of();
            }
            OutcomeBatch batch = new OutcomeBatch(UUID.randomUUID(), outcomes);
            outcomes.clear();
            return List.of(batch);
        }

        @Override
        public void close() {
            // Nothing is held open.
        }
    }

    private record ScopeCommitter(RunScope scope) implements Committer<OutcomeBatch> {

        @Override
        public void commit(Collection<CommitRequest<OutcomeBatch>> requests) {
            requests.forEach(request -> scope.commit(request.getCommittable()));
        }

        @Override
        public void close() {
            // The scope outlives the tasks.
        }
    }
}
