package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.snapshot.SnapshotHandle;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Deleting by a prefix that no key has changes no frame: no copy for a snapshot, nothing for the next checkpoint. */
class AbsentPrefixTest {

    private static final int RECORDS = 4_000;
    private static final int VALUE_BYTES = 400;

    private final Random random = new Random(11);

    private String word(int letters) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < letters; i++) {
            word.append((char) ('a' + random.nextInt(4)));
        }
        return word.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static Map<Integer, Long> epochs(TreeRig rig) {
        Map<Integer, Long> epochs = new HashMap<>();
        rig.buffers.blobIds().stream()
                .forEach(blobId -> epochs.put(blobId, FrameHeader.epoch(rig.buffers.residentAddress(blobId))));
        return epochs;
    }

    @Test
    void nothingIsTouched() {
        try (TreeRig rig = new TreeRig(60)) {
            NavigableSet<String> keys = new TreeSet<>();
            while (keys.size() < RECORDS) {
                String key = word(1 + random.nextInt(12));
                keys.add(key);
                rig.put(bytes(key), new byte[VALUE_BYTES]);
            }
            SnapshotHandle handle = rig.snapshot();
            Map<Integer, Long> before = epochs(rig);
            int absent = 0;
            for (int i = 0; i < 20_000; i++) {
                String prefix = word(1 + random.nextInt(13));
                String next = keys.ceiling(prefix);
                if (next == null || !next.startsWith(prefix)) {
                    assertThat(rig.deletePrefix(bytes(prefix))).as(prefix).isFalse();
                    absent++;
                }
            }
            assertThat(absent).isGreaterThan(5_000);
            assertThat(epochs(rig)).isEqualTo(before);
            assertThat(rig.snapshots.preImageCount()).isZero();
            assertThat(rig.deletePrefix(bytes(keys.first()))).isTrue();
            assertThat(rig.snapshots.preImageCount()).isPositive();
            rig.core.closeSnapshot(handle);
            rig.audit();
        }
    }
}
