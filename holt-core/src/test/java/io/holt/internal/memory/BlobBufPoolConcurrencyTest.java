package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.holt.api.HoltClosedException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobBufPoolConcurrencyTest {

    private static final int THREADS = 8;
    private static final int LEASES_EACH = 100_000;

    /** Fewer slots than threads: they are exhausted all the time; and more. */
    @ParameterizedTest
    @ValueSource(ints = {3, 64})
    void noSlotIsLostOrLeasedTwice(int slots) throws Exception {
        long liveBytesBefore = BlobBufPool.liveBytes();
        try (BlobBufPool pool = new BlobBufPool(slots)) {
            AtomicIntegerArray holders = new AtomicIntegerArray(slots);
            AtomicLongArray lastGenerations = new AtomicLongArray(slots);
            inThreads(THREADS, thread -> () -> {
                for (int done = 0; done < LEASES_EACH; ) {
                    int slot = pool.leaseSlot();
                    if (slot == BlobBufPool.EXHAUSTED) {
                        // Whoever has one may be waiting for this core.
                        LockSupport.parkNanos(1);
                        continue;
                    }
                    long stamp = (long) thread << 32 | done;
                    Memory.putLong(pool.address(slot), stamp);
                    if (!holders.compareAndSet(slot, 0, thread)) {
                        fail("slot " + slot + " is held by thread " + holders.get(slot) + " already");
                    }
                    long generation = pool.generation(slot);
                    if (generation <= lastGenerations.getAndSet(slot, generation)) {
                        fail("the generation of slot " + slot + " didn't grow: " + generation);
                    }
                    if (pool.leased() < 1 || pool.leased() > slots) {
                        fail(pool.leased() + " leases of " + slots + " slots");
                    }
                    if (Memory.getLong(pool.address(slot)) != stamp) {
                        fail("another thread wrote to slot " + slot);
                    }
                    holders.set(slot, 0);
                    pool.releaseSlot(slot);
                    done++;
                }
                return null;
            });

            assertThat(pool.leased()).isZero();
            long leases = 0;
            Set<Integer> all = new HashSet<>();
            for (int slot = 0; slot < slots; slot++) {
                leases += pool.generation(slot);
            }
            assertThat(leases).isEqualTo((long) THREADS * LEASES_EACH);
            for (int i = 0; i < slots; i++) {
                all.add(pool.leaseSlot());
            }
            assertThat(all).hasSize(slots).doesNotContain(BlobBufPool.EXHAUSTED);
            assertThat(pool.leaseSlot()).isEqualTo(BlobBufPool.EXHAUSTED);
            all.forEach(pool::releaseSlot);
        }
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    /** Pools closed while threads lease and retain: each slab is freed once, after the last of them let go. */
    @Test
    void slabIsFreedOnceWhoeverIsLast() throws Exception {
        long liveBytesBefore = BlobBufPool.liveBytes();
        int rounds = 3_000;
        BlobBufPool[] current = {new BlobBufPool(2)};
        CyclicBarrier start = new CyclicBarrier(4);
        CyclicBarrier end = new CyclicBarrier(4, () -> {
            assertThat(current[0].isFreed()).isTrue();
            assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
            current[0] = new BlobBufPool(2);
        });
        inThreads(4, thread -> () -> {
            for (int round = 0; round < rounds; round++) {
                start.await();
                BlobBufPool pool = current[0];
                switch (thread) {
                    case 1 -> pool.close();
                    case 2 -> useAsHolder(pool);
                    default -> useBuffers(pool);
                }
                end.await();
            }
            return null;
        });
        current[0].close();
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    private static void useBuffers(BlobBufPool pool) {
        try {
            for (int i = 0; i < 10; i++) {
                AlignedBlobBuf.pooled(pool).ifPresent(buffer -> {
                    assertThat(pool.isFreed()).isFalse();
                    buffer.close();
                });
            }
        } catch (HoltClosedException closedMeanwhile) {
            assertThat(closedMeanwhile).hasMessageContaining("memory pool");
        }
    }

    private static void useAsHolder(BlobBufPool pool) {
        try {
            pool.retain();
        } catch (HoltClosedException closedBefore) {
            assertThat(closedBefore).hasMessageContaining("memory pool");
            return;
        }
        int slot = pool.leaseSlot();
        assertThat(pool.isFreed()).isFalse();
        pool.release();
        if (slot != BlobBufPool.EXHAUSTED) {
            pool.releaseSlot(slot);
        }
    }

    /** Two threads that close the same buffers, in lockstep: each slot and each range comes back once. */
    @Test
    void buffersClosedByTwoThreadsAtOnceAreClosedOnce() throws Exception {
        long liveBytesBefore = BlobBufPool.liveBytes();
        int slots = 200;
        try (BlobBufPool pool = new BlobBufPool(slots)) {
            inLockstep(
                    200,
                    () -> {
                        AlignedBlobBuf[] buffers = new AlignedBlobBuf[slots + 8];
                        Arrays.setAll(buffers, i -> AlignedBlobBuf.pooledOrPlain(pool));
                        return buffers;
                    },
                    (buffer, thread) -> buffer.close());
            assertThat(pool.leased()).isZero();
            Set<Integer> all = new HashSet<>();
            for (int i = 0; i < slots; i++) {
                all.add(pool.leaseSlot());
            }
            assertThat(all).hasSize(slots).doesNotContain(BlobBufPool.EXHAUSTED);
            all.forEach(pool::releaseSlot);
        }
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    /** Two threads that give back the same leases: each lease is taken once, and refused once. */
    @Test
    void oneLeaseIsTakenBackOnce() throws Exception {
        int slots = 200;
        int rounds = 200;
        try (BlobBufPool pool = new BlobBufPool(slots)) {
            LongAdder refused = new LongAdder();
            inLockstep(
                    rounds,
                    () -> {
                        assertThat(pool.leased()).isZero();
                        Integer[] leased = new Integer[slots];
                        Arrays.setAll(leased, i -> pool.leaseSlot());
                        return leased;
                    },
                    (slot, thread) -> {
                        try {
                            pool.releaseSlot(slot);
                        } catch (IllegalStateException notLeased) {
                            refused.increment();
                        }
                    });
            assertThat(pool.leased()).isZero();
            assertThat(refused.sum()).isEqualTo((long) slots * rounds);
        }
    }

    /** Closed pools whose last two leases come back at once: one of both frees the slab. */
    @Test
    void lastTwoLeasesFreeTheSlabOnce() throws Exception {
        long liveBytesBefore = BlobBufPool.liveBytes();
        inLockstep(
                100,
                () -> {
                    assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
                    BlobBufPool[] pools = new BlobBufPool[50];
                    for (int i = 0; i < pools.length; i++) {
                        pools[i] = new BlobBufPool(2);
                        assertThat(pools[i].leaseSlot() + pools[i].leaseSlot()).isEqualTo(1);
                        pools[i].close();
                    }
                    return pools;
                },
                (pool, thread) -> pool.releaseSlot(thread - 1));
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBytesBefore);
    }

    /** Two threads walk over the same things in step, in each round over new ones. */
    private static <T> void inLockstep(int rounds, Supplier<T[]> things, ObjIntConsumer<T> step) throws Exception {
        AtomicInteger steps = new AtomicInteger();
        AtomicReference<T[]> current = new AtomicReference<>();
        CyclicBarrier start = new CyclicBarrier(2, () -> {
            steps.set(0);
            current.set(things.get());
        });
        CyclicBarrier end = new CyclicBarrier(2);
        inThreads(2, thread -> () -> {
            for (int round = 0; round < rounds; round++) {
                start.await();
                T[] walked = current.get();
                for (int i = 0; i < walked.length; i++) {
                    steps.incrementAndGet();
                    for (int spins = 0; steps.get() < 2 * (i + 1); spins++) {
                        if (Thread.interrupted()) {
                            throw new InterruptedException("the other thread failed");
                        }
                        if (spins > 2_000) {
                            LockSupport.parkNanos(1);
                        }
                    }
                    step.accept(walked[i], thread);
                }
                end.await();
            }
            return null;
        });
    }

    private interface Body {
        /** @param thread 1 and up */
        Callable<Void> of(int thread);
    }

    /** Runs the bodies; if one fails, interrupts the others and throws what it threw. */
    private static void inThreads(int count, Body body) throws Exception {
        CountDownLatch ready = new CountDownLatch(count);
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            CompletionService<Void> results = new ExecutorCompletionService<>(threads);
            for (int thread = 1; thread <= count; thread++) {
                Callable<Void> task = body.of(thread);
                results.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return task.call();
                });
            }
            try {
                for (int i = 0; i < count; i++) {
                    results.take().get();
                }
            } catch (ExecutionException failed) {
                threads.shutdownNow();
                throw failed;
            }
        }
    }
}
