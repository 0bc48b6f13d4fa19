package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.sync.HybridLatch;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a walk may hold true of the frame it ended in. */
class DescentTest {

    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

    /** As if the slot had gone to another blob between the look at the table and the look at the version. */
    @Test
    void theLatchOfASlotThatWentToAnotherBlobIsGivenBack() {
        try (TreeRig rig = new TreeRig(16)) {
            rig.put(KEY, KEY);
            int otherRoot = TreeAccess.newRoot(rig.core, 2);
            Descent at = new Descent();
            at.find(rig.core.present(), rig.tree.rootBlobId(), KEY, 0, KEY.length, false);
            at.frame = rig.buffers.residentAddress(otherRoot);
            at.version = HybridLatch.tryReadVersion(at.frame);

            assertThat(at.tryUpgrade(rig.buffers)).isFalse();
            assertThat(HybridLatch.tryReadVersion(at.frame)).isEqualTo(at.version);
            assertThat(at.validate(rig.core.present())).isFalse();

            at.blobId = otherRoot;
            assertThat(at.tryUpgrade(rig.buffers)).isTrue();
            HybridLatch.unlock(at.frame, at.version);
        }
    }
}
