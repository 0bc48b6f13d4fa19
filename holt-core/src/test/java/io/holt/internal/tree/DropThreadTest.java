package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was unhooked is freed without being asked for; the thread that sees to it ends with the last database. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DropThreadTest {

    private static final byte[] PREFIX = "dir/".getBytes(StandardCharsets.US_ASCII);

    @Test
    void theThreadIsSharedAndEndsWithTheLastDatabase() throws Exception {
        Thread thread;
        TreeRig first = new TreeRig(32);
        try (TreeRig second = new TreeRig(32)) {
            try (first) {
                dropAndAwait(first);
                thread = first.core.drop().starter.thread();
                dropAndAwait(second);
                assertThat(second.core.drop().starter).isSameAs(first.core.drop().starter);
            }
            assertThat(thread.isAlive()).isTrue();
            dropAndAwait(second);
        }
        thread.join();

        try (TreeRig third = new TreeRig(32)) {
            dropAndAwait(third);
            assertThat(third.core.drop().starter.thread()).isNotSameAs(thread);
        }
    }

    @Test
    void aStoppedDatabaseStartsNothing() {
        try (TreeRig rig = new TreeRig(32)) {
            fill(rig);
            rig.core.drop().stop();
            TreeAccess.writer(rig.core, rig.tree).deletePrefix(PREFIX);
            assertThat(rig.core.drop().starter).isNull();
        }
    }

    private static void fill(TreeRig rig) {
        for (int i = 0; rig.stats().frames() < 5; i++) {
            rig.put(("dir/" + (char) ('A' + i % 26) + i).getBytes(StandardCharsets.US_ASCII), new byte[24_000]);
        }
    }

    private static void dropAndAwait(TreeRig rig) throws InterruptedException {
        fill(rig);
        TreeAccess.writer(rig.core, rig.tree).deletePrefix(PREFIX);
        while (rig.buffers.blobCount() > 1 || rig.buffers.leasedSlots() > 1) {
            Thread.sleep(1);
        }
        assertThat(rig.audit()).isEqualTo(1);
    }
}
