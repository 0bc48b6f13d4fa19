package io.holt.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The latch alone, and then between threads that do nothing but race for it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HybridLatchTest {

    private static final int LINES = 8;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final int CHANGES = 100_000;

    private final OffHeap memory = new OffHeap(4096);
    private final long latch = memory.address();

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void aChangeLeavesAGreaterVersionBehind() {
        Memory.putLong(latch, 40);
        long version = HybridLatch.lock(latch);
        assertThat(version).isEqualTo(40);
        assertThat(HybridLatch.isHeld(HybridLatch.tryReadVersion(latch))).isTrue();
        assertThat(HybridLatch.validate(latch, version)).isFalse();
        HybridLatch.unlock(latch, version);
        assertThat(HybridLatch.tryReadVersion(latch)).isEqualTo(42);
        assertThat(HybridLatch.validate(latch, version)).isFalse();
    }

    @Test
    void withoutAChangeTheVersionStays() {
        Memory.putLong(latch, 40);
        assertThat(HybridLatch.tryUpgrade(latch, 40)).isTrue();
        HybridLatch.unlockUnchanged(latch, 40);
        assertThat(HybridLatch.validate(latch, 40)).isTrue();
    }

    @Test
    void onlyTheVersionThatWasReadIsUpgraded() {
        Memory.putLong(latch, 40);
        assertThat(HybridLatch.tryUpgrade(latch, 38)).isFalse();
        assertThat(HybridLatch.tryUpgrade(latch, 41)).isFalse();
        assertThat(HybridLatch.tryUpgrade(latch, 40)).isTrue();
        assertThat(HybridLatch.tryUpgrade(latch, 40)).isFalse();
        assertThat(HybridLatch.tryUpgrade(latch, 41))
                .as("a held latch is not upgraded")
                .isFalse();
    }

    /** I1, I2: what a reader validated is of one change; the same reads unvalidated are not, so the test can see it. */
    @Test
    void validatedReadsAreWholeAndOthersAreNot() throws Exception {
        Race race = new Race();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        long runs = 0;
        do {
            race.run(false);
            runs++;
            // The scheduler may let the writers end before a reader begins.
        } while ((race.validated.get() == 0 || race.torn.get() == 0) && System.nanoTime() - deadline < 0);
        assertThat(race.tornValidated).hasValue(0);
        assertThat(race.validated.get()).isPositive();
        assertThat(race.torn.get()).as("torn reads that were not validated").isPositive();
        assertThat(HybridLatch.tryReadVersion(latch)).isEqualTo(runs * 2 * 2 * CHANGES);
    }

    /** With holders that change nothing in between, which readers are not disturbed by. */
    @Test
    void holdersThatChangeNothingDoNotDisturb() throws Exception {
        Race race = new Race();
        race.run(true);
        assertThat(race.tornValidated).hasValue(0);
        assertThat(HybridLatch.tryReadVersion(latch)).isEqualTo(2L * 2 * CHANGES);
    }

    /** Two writers fill all lines with one number, two readers compare them. */
    private final class Race {
        final AtomicLong validated = new AtomicLong();
        final AtomicLong tornValidated = new AtomicLong();
        final AtomicLong torn = new AtomicLong();
        private final AtomicBoolean done = new AtomicBoolean();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        void run(boolean alsoUnchanged) throws InterruptedException {
            done.set(false);
            List<Thread> writers = new ArrayList<>();
            List<Thread> readers = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                writers.add(new Thread(() -> write(alsoUnchanged)));
                readers.add(new Thread(this::read));
            }
            List<Thread> all = new ArrayList<>(writers);
            all.addAll(readers);
            for (Thread thread : all) {
                thread.setUncaughtExceptionHandler((which, error) -> failure.compareAndSet(null, error));
                thread.start();
            }
            for (Thread writer : writers) {
                writer.join();
            }
            done.set(true);
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(failure.get()).isNull();
        }

        private void write(boolean alsoUnchanged) {
            for (int i = 0; i < CHANGES; i++) {
                long version = HybridLatch.lock(latch);
                long next = Memory.getLong(latch + 64) + 1;
                for (int line = 1; line <= LINES; line++) {
                    Memory.putLong(latch + 64L * line, next);
                }
                HybridLatch.unlock(latch, version);
                if (alsoUnchanged) {
                    HybridLatch.unlockUnchanged(latch, HybridLatch.lock(latch));
                }
            }
        }

        private void read() {
            while (!done.get()) {
                long version = HybridLatch.tryReadVersion(latch);
                boolean whole = true;
                long first = Memory.getLong(latch + 64);
                for (int line = LINES; line > 1; line--) {
                    whole &= Memory.getLong(latch + 64L * line) == first;
                }
                torn.addAndGet(whole ? 0 : 1);
                if (!HybridLatch.isHeld(version) && HybridLatch.validate(latch, version)) {
                    validated.incrementAndGet();
                    tornValidated.addAndGet(whole ? 0 : 1);
                }
            }
        }
    }

    /** While the exclusive side is held nobody is on the shared one, however often both are taken. */
    @Test
    void theGateKeepsItsSidesApart() throws Exception {
        WriterGate gate = new WriterGate();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger met = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> writers = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            writers.add(new Thread(() -> {
                while (!done.get()) {
                    int stripe = gate.enter();
                    inside.incrementAndGet();
                    inside.decrementAndGet();
                    gate.exit(stripe);
                }
            }));
        }
        writers.forEach(Thread::start);
        for (int i = 0; i < 2000; i++) {
            gate.close();
            met.addAndGet(inside.get());
            Thread.onSpinWait();
            met.addAndGet(inside.get());
            gate.open();
        }
        done.set(true);
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(met).hasValue(0);
    }
}
