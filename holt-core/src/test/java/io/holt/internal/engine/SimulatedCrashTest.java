package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.api.Snapshot;
import io.holt.testkit.SimulatedDisk;
import io.holt.testkit.SimulatedDisk.Call;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Random programs on a disk that loses power, fails or is full at a random call: what is found when the database is
 * opened again is a state that the durability allows (I3, I4).
 *
 * <p>10,000 seeds; more with {@code -Dholt.crash.seeds=1000000}, one with {@code -Dholt.crash.first=SEED
 * -Dholt.crash.seeds=1}. A seed does the same each time, but for those that are multiples of 8: their checkpoints write
 * in a thread of their own.
 */
class SimulatedCrashTest {

    private static final Path DIRECTORY = Path.of("/db");
    private static final int MOST_FAILURES = 5;
    private static final long SEGMENT_BYTES = 16 * 1024;
    private static final long BUDGET_BYTES = 24L << 20;

    /** With so much a checkpoint copies frames while it writes others. */
    private static final long LARGE_BUDGET_BYTES = 96L << 20;

    private static final int LARGE_EVERY = 8;

    private static final BlockingQueue<MemoryBudget> BUDGETS = new ArrayBlockingQueue<>(64);
    private static final BlockingQueue<MemoryBudget> LARGE_BUDGETS = new ArrayBlockingQueue<>(64);
    private static final AtomicInteger CRASHES = new AtomicInteger();
    private static final AtomicInteger REFUSALS = new AtomicInteger();

    private static Thread.UncaughtExceptionHandler handlerBefore;

    @BeforeAll
    static void quiet() {
        handlerBefore = Thread.getDefaultUncaughtExceptionHandler();
        // Work in the background meets the crash too; what counts is what is found afterwards.
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            if (!(e instanceof SimulatedDisk.Crash)) {
                e.printStackTrace();
            }
        });
    }

    @AfterAll
    static void close() {
        Thread.setDefaultUncaughtExceptionHandler(handlerBefore);
        BUDGETS.forEach(MemoryBudget::close);
        BUDGETS.clear();
        LARGE_BUDGETS.forEach(MemoryBudget::close);
        LARGE_BUDGETS.clear();
    }

    @Test
    void whatIsFoundAfterACrashIsAllowedByTheDurability() {
        long first = Long.getLong("holt.crash.first", 1);
        long seeds = Long.getLong("holt.crash.seeds", 10_000);
        Map<Long, Throwable> failures = new ConcurrentSkipListMap<>();
        LongStream.range(first, first + seeds).parallel().forEach(seed -> {
            if (failures.size() < MOST_FAILURES) {
                run(seed, failures);
            }
        });
        assertThat(failures).isEmpty();
        if (seeds >= 1000) {
            assertThat(CRASHES.get()).isGreaterThan((int) (seeds / 4));
            assertThat(REFUSALS.get()).isGreaterThan((int) (seeds / 50));
        }
    }

    private static void run(long seed, Map<Long, Throwable> failures) {
        boolean large = seed % LARGE_EVERY == 0;
        BlockingQueue<MemoryBudget> budgets = large ? LARGE_BUDGETS : BUDGETS;
        MemoryBudget budget = budgets.poll();
        if (budget == null) {
            budget = Holt.memory(large ? LARGE_BUDGET_BYTES : BUDGET_BYTES);
        }
        try {
            Random random = new Random(seed * 0x9E3779B97F4A7C15L);
            run(random, budget);
            assertThat(budget.usedBytes()).isZero();
        } catch (RuntimeException | AssertionError e) {
            failures.put(seed, e);
            return;
        }
        budgets.add(budget);
    }

    private static void run(Random random, MemoryBudget budget) {
        HoltOptions options = HoltOptions.builder()
                .memory(budget)
                .durability(CrashProgram.durability(random))
                .checkpointLogBytes(0)
                .build();
        CrashHistory history = new CrashHistory(options.durability());
        SimulatedDisk disk = new SimulatedDisk();
        int lives = 1 + random.nextInt(3);
        for (int life = 0; life < lives; life++) {
            history.note("life " + life + ": " + arm(disk, random));
            boolean clean = live(disk, options, history, random);
            boolean powerLoss = random.nextInt(3) != 0;
            SimulatedDisk found = CrashProgram.next(disk, powerLoss, random);
            disk = found;
            check(disk.afterProcessDeath(), options, history, powerLoss, clean);
        }
    }

    /** Opens, runs a program and closes, or crashes on the way; answers whether it was closed cleanly. */
    private static boolean live(SimulatedDisk disk, HoltOptions options, CrashHistory history, Random random) {
        HoltDb db;
        try {
            db = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
        } catch (SimulatedDisk.Crash | HoltIoException e) {
            return false;
        }
        history.opened();
        boolean going = false;
        try {
            going = new CrashProgram(random, history, db).run(random.nextInt(40));
            if (!going) {
                REFUSALS.incrementAndGet();
            }
        } catch (SimulatedDisk.Crash e) {
            CRASHES.incrementAndGet();
        } finally {
            going = close(disk, db, history, going && random.nextInt(3) == 0);
        }
        return going;
    }

    private static boolean close(SimulatedDisk disk, HoltDb db, CrashHistory history, boolean cleanly) {
        if (!cleanly) {
            kill(disk, db);
            return false;
        }
        history.checkpointBegins();
        try {
            db.close();
            history.checkpointEnds();
            return true;
        } catch (SimulatedDisk.Crash | HoltException e) {
            return false;
        }
    }

    /** The process is gone, and nothing that it would still have done happens; but its memory is given back. */
    private static void kill(SimulatedDisk disk, HoltDb db) {
        disk.crashAfter(0);
        try {
            db.close();
        } catch (SimulatedDisk.Crash | HoltException e) {
            assertThat(db.isClosed()).isTrue();
        }
    }

    private static void check(
            SimulatedDisk disk, HoltOptions options, CrashHistory history, boolean powerLoss, boolean clean) {
        CrashState readOnly = null;
        if (clean) {
            HoltOptions reading = HoltOptions.builder()
                    .memory(options.memory().orElseThrow())
                    .readOnly(true)
                    .build();
            long calls = disk.writes();
            try (HoltDb db = Opening.open(disk.engine(), DIRECTORY, reading, SEGMENT_BYTES);
                    Snapshot snapshot = db.snapshot()) {
                readOnly = CrashState.of(snapshot);
            }
            assertThat(disk.writes()).isEqualTo(calls);
        }
        HoltDb db = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
        try {
            CrashState found;
            try (Snapshot snapshot = db.snapshot()) {
                found = CrashState.of(snapshot);
            }
            if (readOnly != null) {
                assertThat(readOnly).isEqualTo(found);
            }
            history.found(found, powerLoss);
        } finally {
            kill(disk, db);
        }
    }

    /** Sees to it that something happens after some calls, or nothing; answers what. */
    private static String arm(SimulatedDisk disk, Random random) {
        long at = disk.calls() + random.nextInt(random.nextBoolean() ? 40 : 300);
        Call[] kinds = Call.values();
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4 -> {
                disk.crashAfter(at - disk.calls());
                return "crash at call " + at;
            }
            case 5 -> {
                Call kind = kinds[random.nextInt(kinds.length)];
                int number = random.nextInt(20);
                disk.failOnce(kind, number, "EIO");
                return "EIO at " + kind + " " + number;
            }
            case 6 -> {
                disk.fault((call, path, number) -> {
                    if (number >= at) {
                        throw new HoltIoException("EIO: the disk is dying");
                    }
                });
                return "dying from call " + at;
            }
            case 7, 8 -> {
                long until = at + 1 + random.nextInt(30);
                disk.fault((call, path, number) -> {
                    if (number >= at && number < until && (call == Call.WRITE || call == Call.RESIZE)) {
                        throw new HoltIoException("ENOSPC: the disk is full", null, true);
                    }
                });
                return "full from call " + at + " to " + until;
            }
            default -> {
                return "no fault";
            }
        }
    }
}
