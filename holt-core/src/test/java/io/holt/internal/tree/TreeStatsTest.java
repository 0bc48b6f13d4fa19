package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.TreeStats;
import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.Signal;
import io.holt.internal.sync.HybridLatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a tree says of itself, against what can be counted from outside. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TreeStatsTest {

    private static final byte[] KEY = bytes("dir/Ap");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Frames under frames: long values, and keys that share much. */
    private static Set<String> fill(TreeRig rig, int frames) {
        Set<String> keys = new HashSet<>();
        for (int i = 0; rig.buffers.blobCount() < frames; i++) {
            String key = "dir/" + (char) ('A' + i % 3) + "/sub-" + i % 11 + "/" + i;
            rig.put(bytes(key), new byte[i % 10 == 0 ? 9000 : 200]);
            keys.add(key);
        }
        return keys;
    }

    @Test
    void hopsAreTheFramesCrossedOnTheWayToEachRecord() {
        try (TreeRig rig = new TreeRig(80)) {
            Set<String> keys = fill(rig, 60);
            long hops = 0;
            int framesMax = 0;
            for (String key : keys) {
                int frames = framesOnPath(rig, bytes(key));
                framesMax = Math.max(framesMax, frames);
                hops += frames - 1;
            }
            TreeStats stats = rig.stats();
            assertThat(framesMax).isGreaterThan(1);
            assertThat(stats.records()).isEqualTo(keys.size());
            assertThat(stats.depthMax()).isEqualTo(framesMax);
            assertThat(stats.hopsMean()).isCloseTo((double) hops / keys.size(), Offset.offset(1e-9));
            assertThat(stats.frames()).isEqualTo(rig.audit());
        }
    }

    @Test
    void anEmptyTreeHasNoHops() {
        try (TreeRig rig = new TreeRig(4)) {
            assertThat(rig.stats().hopsMean()).isZero();
            assertThat(rig.stats().cachedFrames()).isEqualTo(1);
        }
    }

    private static int framesOnPath(TreeRig rig, byte[] key) {
        int blobId = rig.tree.rootBlobId();
        for (int frames = 1; ; frames++) {
            long signal = ArtLookup.find(rig.buffers.residentAddress(blobId), key, 0, key.length);
            if (Signal.code(signal) != Signal.CROSS) {
                assertThat(Signal.code(signal)).isEqualTo(Signal.FOUND);
                return frames;
            }
            blobId = Signal.payload(signal);
        }
    }

    @Test
    void withoutFilesAllFramesAreInMemory() {
        try (TreeRig rig = new TreeRig(40)) {
            fill(rig, 20);
            assertThat(rig.stats().cachedFrames()).isEqualTo(rig.pool.leased());
            assertThat(rig.stats().valueFrames()).isZero();

            // Of a large value's frames none is crossed on the way to a record.
            rig.put(bytes("large"), new byte[3 << 20]);
            assertThat(rig.stats().valueFrames()).isGreaterThan(5);
            assertThat(rig.stats().cachedFrames())
                    .isEqualTo(rig.pool.leased() - rig.stats().valueFrames());
        }
    }

    /**
     * A reader has looked at the root and waits for a child's latch; when it goes on, the root has another version.
     * Each time that is one restart, and nothing else is.
     */
    @Test
    void aReaderThatIsDisturbedIsARestart() throws Exception {
        try (TreeRig rig = new TreeRig(16)) {
            rig.put(KEY, KEY);
            for (int i = 0; rig.buffers.blobCount() < 4; i++) {
                rig.put(bytes("dir/" + (char) ('A' + i % 26) + i), new byte[24_000]);
            }
            long root = rig.buffers.residentAddress(rig.tree.rootBlobId());
            long found = ArtLookup.find(root, KEY, 0, KEY.length);
            assertThat(Signal.code(found)).isEqualTo(Signal.CROSS);
            long child = rig.buffers.residentAddress(Signal.payload(found));
            assertThat(rig.stats().restarts()).as("with one thread").isZero();

            for (int times = 1; times <= 3; times++) {
                long version = HybridLatch.lock(child);
                CompletableFuture<byte[]> answer = new CompletableFuture<>();
                Thread thread = new Thread(() -> {
                    try {
                        answer.complete(rig.get(KEY));
                    } catch (RuntimeException | Error e) {
                        answer.completeExceptionally(e);
                    }
                });
                thread.start();
                while (!waitsForALatch(thread)) {
                    assertThat(answer.isDone()).isFalse();
                    Thread.onSpinWait();
                }
                HybridLatch.unlock(root, HybridLatch.lock(root));
                HybridLatch.unlock(child, version);
                assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(KEY);
                thread.join();
                assertThat(rig.stats().restarts()).isEqualTo(times);
            }
        }
    }

    private static boolean waitsForALatch(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(call -> call.getClassName().equals(ReadView.class.getName())
                        && call.getMethodName().equals("version"));
    }
}
