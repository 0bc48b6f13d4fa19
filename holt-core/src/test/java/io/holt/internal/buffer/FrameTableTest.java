package io.holt.internal.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The table between threads: no setting is lost while it grows, no address is seen before what it leads to. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FrameTableTest {

    private static final int THREADS = 3;
    private static final int IDS = 60_000;

    @Test
    void anyIdMayBeAskedFor() {
        FrameTable table = new FrameTable();
        assertThat(table.address(0)).isZero();
        assertThat(table.address(-1)).isZero();
        assertThat(table.address(Integer.MIN_VALUE)).isZero();
        assertThat(table.address(Integer.MAX_VALUE)).isZero();
        table.set(5000, 64);
        assertThat(table.address(5000)).isEqualTo(64);
        assertThat(table.resident()).isEqualTo(1);
        table.set(5000, FrameTable.GONE);
        assertThat(table.address(5000)).isEqualTo(FrameTable.GONE);
        assertThat(table.resident()).isZero();
    }

    /** Every thread sets ids of its own, in ascending order, so that the array grows under the feet of the others. */
    @Test
    void noSettingIsLost() throws Exception {
        for (int round = 0; round < 10; round++) {
            FrameTable table = new FrameTable();
            AtomicLong published = new AtomicLong();
            AtomicLong missed = new AtomicLong();
            AtomicBoolean done = new AtomicBoolean();
            Thread reader = new Thread(() -> {
                while (!done.get()) {
                    // An id that its setter already told of is there from then on.
                    int id = (int) published.get();
                    missed.addAndGet(id != 0 && table.address(id) != id * 8L ? 1 : 0);
                }
            });
            List<Thread> setters = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int first = t + 1;
                setters.add(new Thread(() -> {
                    for (int id = first; id < IDS; id += THREADS) {
                        table.set(id, id * 8L);
                        published.set(id);
                    }
                }));
            }
            reader.start();
            setters.forEach(Thread::start);
            for (Thread setter : setters) {
                setter.join();
            }
            done.set(true);
            reader.join();
            assertThat(missed).hasValue(0);
            for (int id = 1; id < IDS; id++) {
                if (table.address(id) != id * 8L) {
                    assertThat(table.address(id)).as("id %s", id).isEqualTo(id * 8L);
                }
            }
            assertThat(table.resident()).isEqualTo(IDS - 1);
        }
    }
}
