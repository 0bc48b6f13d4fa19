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
    void whatIsDroppedIsFreedInTheBackground() throws Exception {
        try (TreeRig rig = new TreeRig(32)) {
            for (int round = 0; round < 3; round++) {
                fill(rig, rig.tree);
                TreeAccess.writer(rig.core, rig.tree).deletePrefix(PREFIX);
                awaitFreed(rig);
            }
        }
    }

    @Test
    void theThreadIsSharedAndEndsWithTheLastDatabase() throws Exception {
        // Not the threads of all databases of this JVM: another test may have left one of them open.
        DropThread threads = new DropThread();
        try (TreeRig rig = new TreeRig(32)) {
            SubtreeDrop first = new SubtreeDrop(rig.core, threads);
            SubtreeDrop second = new SubtreeDrop(rig.core, threads);
            dropTree(rig, first);
            dropTree(rig, second);
            Thread thread = first.starter;
            assertThat(second.starter).isSameAs(thread);

            first.stop();
            dropTree(rig, second);
            assertThat(thread.isAlive()).isTrue();
            second.stop();
            thread.join();

            SubtreeDrop third = new SubtreeDrop(rig.core, threads);
            dropTree(rig, third);
            assertThat(third.starter).isNotSameAs(thread);
            third.stop();
            third.starter.join();
        }
    }

    @Test
    void aStoppedDatabaseStartsNothing() {
        try (TreeRig rig = new TreeRig(32)) {
            fill(rig, rig.tree);
            rig.core.drop().stop();
            TreeAccess.writer(rig.core, rig.tree).deletePrefix(PREFIX);
            assertThat(rig.core.drop().starter).isNull();
        }
    }

    private static void dropTree(TreeRig rig, SubtreeDrop drop) throws InterruptedException {
        int id = 2;
        TreeState tree = new TreeState("dropped", id, TreeAccess.newRoot(rig.core, id));
        fill(rig, tree);
        drop.addTree(tree);
        drop.start();
        awaitFreed(rig);
    }

    private static void fill(TreeRig rig, TreeState tree) {
        TreeWriter writer = TreeAccess.writer(rig.core, tree);
        for (int i = 0; rig.buffers.blobCount() < 6; i++) {
            byte[] key = ("dir/" + (char) ('A' + i % 26) + i).getBytes(StandardCharsets.US_ASCII);
            writer.put(key, 0, key.length, new byte[24_000], 0, 24_000, false);
        }
    }

    private static void awaitFreed(TreeRig rig) throws InterruptedException {
        while (rig.buffers.blobCount() > 1 || rig.buffers.leasedSlots() > 1) {
            Thread.sleep(1);
        }
        assertThat(rig.audit()).isEqualTo(1);
    }
}
