package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.memory.LeakTracker.Holding;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeakTrackerTest {

    @Test
    void listsSlabsAndLeasesWithTheStackThatTookThem() {
        LeakTracker leaks = new LeakTracker(true);
        BlobBufPool pool = new BlobBufPool(3, ReservedRanges.SLABS, leaks);
        int first = pool.leaseSlot();
        int second = leaseInAMethodOfItsOwn(pool);
        pool.releaseSlot(first);
        pool.close();

        List<Holding> outstanding = leaks.outstanding();
        assertThat(outstanding)
                .extracting(Holding::what)
                .containsExactly("slab of a memory pool", "slot of a memory pool");
        Holding lease = outstanding.get(1);
        assertThat(lease.address()).isEqualTo(pool.address(second));
        assertThat(lease.origin().getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("leaseInAMethodOfItsOwn"));
        assertThat(lease.origin()).hasMessageContaining(Thread.currentThread().getName());

        pool.releaseSlot(second);
        assertThat(leaks.outstanding()).isEmpty();
    }

    private static int leaseInAMethodOfItsOwn(BlobBufPool pool) {
        return pool.leaseSlot();
    }

    @Test
    void remembersNothingWhenOff() {
        LeakTracker leaks = new LeakTracker(false);
        try (BlobBufPool pool = new BlobBufPool(1, ReservedRanges.SLABS, leaks)) {
            int slot = pool.leaseSlot();
            assertThat(leaks.outstanding()).isEmpty();
            pool.releaseSlot(slot);
        }
    }

    @Test
    void systemPropertySwitchesItOnForTheProcess() throws Exception {
        assertThat(leakInAProcess("true"))
                .contains("slab of a memory pool")
                .contains("slot of a memory pool")
                .contains("plain buffer")
                .contains("Leaky.main");
        assertThat(leakInAProcess("false")).isEmpty();
    }

    private static String leakInAProcess(String property) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dholt.leak.traces=" + property,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Leaky.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output;
    }

    /** A program that gives nothing back. */
    static final class Leaky {

        private Leaky() {}

        @SuppressWarnings("resource")
        public static void main(String[] args) {
            BlobBufPool pool = new BlobBufPool(1);
            AlignedBlobBuf.pooledOrPlain(pool);
            AlignedBlobBuf.pooledOrPlain(pool);
            LeakTracker.outstandingOfProcess()
                    .forEach(holding -> holding.origin().printStackTrace(System.out));
        }
    }
}
