package io.holt.flink.timer;

import io.holt.api.HoltDb;
import io.holt.flink.TestDatabases;
import io.holt.flink.layout.StateTrees;
import java.nio.file.Path;
import org.apache.flink.runtime.state.InternalPriorityQueue;
import org.apache.flink.runtime.state.InternalPriorityQueueTestBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Flink's own suite for priority queues, on the timers of all key groups. */
class TimerQueueTest extends InternalPriorityQueueTestBase {

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
        HoltTimerQueues queues =
                new HoltTimerQueues(new StateTrees(db), KEY_GROUP_RANGE, KEY_GROUP_RANGE.getNumberOfKeyGroups());
        return queues.create("timers", TestElementSerializer.INSTANCE);
    }

    @Override
    protected boolean testSetSemanticsAgainstDuplicateElements() {
        return true;
    }
}
