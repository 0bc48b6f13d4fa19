package io.holt.flink.timer;

import io.holt.api.HoltDb;
import io.holt.flink.TestDatabases;
import java.nio.file.Path;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.InternalPriorityQueue;
import org.apache.flink.runtime.state.InternalPriorityQueueTestBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Flink's own suite for priority queues, on the timers of one key group. */
class TimerPartitionTest extends InternalPriorityQueueTestBase {

    @TempDir
    Path directory;

    private HoltDb db;

    @AfterEach
    void closeDatabase() {
        db.close();
    }

    @Override
    protected InternalPriorityQueue<TestElement> newPriorityQueue(int initialCapacity) {
        db = TestDatabases.open(directory);
        return new TimerPartition<>(
                db.tree("timers"),
                KEY_GROUP_RANGE.getStartKeyGroup(),
                TestElementSerializer.INSTANCE,
                new DataOutputSerializer(16),
                new DataInputDeserializer());
    }

    @Override
    protected boolean testSetSemanticsAgainstDuplicateElements() {
        return true;
    }
}
