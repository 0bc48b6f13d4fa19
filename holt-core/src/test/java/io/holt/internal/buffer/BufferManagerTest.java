package io.holt.internal.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.MemoryBudgetException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Frames read in, freed and given back; on disk is a frame for each id from 1 to 99. */
class BufferManagerTest {

    private final AtomicInteger loads = new AtomicInteger();
    private final BlobBufPool pool = new BlobBufPool(4);
    private final BufferManager buffers = new BufferManager(pool, new FrameLoader() {
        @Override
        public boolean has(int blobId) {
            return blobId > 0 && blobId < 100;
        }

        @Override
        public void load(int blobId, long address) {
            loads.incrementAndGet();
            FrameHeader.format(address, FrameHeader.KIND_TREE, blobId, 1, 1);
            Memory.putLong(address, FrameHeader.LATCH_ON_DISK);
        }
    });

    @AfterEach
    void everySlotComesBack() {
        buffers.close();
        assertThat(buffers.leasedSlots()).isZero();
        assertThat(pool.leased()).isZero();
        pool.close();
        assertThat(pool.isFreed()).isTrue();
    }

    @Test
    void aFrameIsReadInOnce() {
        long address = buffers.address(7);
        assertThat(FrameHeader.blobId(address)).isEqualTo(7);
        assertThat(HybridLatch.isHeld(HybridLatch.tryReadVersion(address))).isFalse();
        assertThat(buffers.address(7)).isEqualTo(address);
        assertThat(buffers.residentAddress(7)).isEqualTo(address);
        assertThat(loads).hasValue(1);
        assertThat(buffers.address(100)).isZero();
        assertThat(buffers.address(-5)).isZero();
    }

    @Test
    void aFreedBlobIsNotReadInAgain() {
        buffers.adoptBlobIds(allUsed(), 100);
        free(7);

        assertThat(buffers.address(7)).isZero();
        assertThat(buffers.residentAddress(7)).isNotPositive();
        assertThat(loads).hasValue(1);

        int reused = buffers.allocateBlobId();
        assertThat(reused).isEqualTo(7);
        assertThat(buffers.address(7)).isZero();
        long successor = buffers.lease("test");
        buffers.publish(7, successor);
        assertThat(buffers.address(7)).isEqualTo(successor);
        assertThat(buffers.residentFrames()).isEqualTo(1);
    }

    @Test
    void aFullPoolIsATypedErrorAndReliefIsAskedFirst() {
        for (int id = 1; id <= 4; id++) {
            buffers.address(id);
        }
        assertThatThrownBy(() -> buffers.address(5))
                .isInstanceOf(MemoryBudgetException.class)
                .hasMessageContaining("blob 5");
        buffers.onPressure(() -> free(1));
        // Who reads may hold latches that relief waits for.
        assertThatThrownBy(() -> buffers.address(5)).isInstanceOf(MemoryBudgetException.class);
        long leased = buffers.lease("the operation");
        buffers.onPressure(() -> {
            throw new MemoryBudgetException("freeing", 0);
        });
        assertThatThrownBy(() -> buffers.lease("the operation"))
                .isInstanceOf(MemoryBudgetException.class)
                .hasMessageContaining("the operation");
        buffers.release(leased);
    }

    /** Relief may be the work of another thread, which has to read in a frame itself. */
    @Test
    void whoWaitsForReliefDoesNotHinderOthersToReadIn() throws Exception {
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(buffers.lease("test"));
        }
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch relieved = new CountDownLatch(1);
        buffers.onPressure(() -> {
            waiting.countDown();
            try {
                assertThat(relieved.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Long> lease = thread.submit(() -> buffers.lease("test"));
            assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
            buffers.release(held.get(0));
            buffers.release(held.get(1));
            assertThat(FrameHeader.blobId(buffers.address(2))).isEqualTo(2);
            relieved.countDown();
            buffers.release(lease.get());
        }
        buffers.release(held.get(2));
        buffers.release(held.get(3));
    }

    private void free(int blobId) {
        long address = buffers.address(blobId);
        HybridLatch.lock(address);
        buffers.remove(blobId);
        buffers.release(address);
        buffers.freeBlobId(blobId);
    }

    private static BitSet allUsed() {
        BitSet used = new BitSet();
        used.set(1, 100);
        return used;
    }
}
