package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A path whose frames, with those that a snapshot sees in their place, are more than memory holds. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LongestPrefixEvictionTest {

    private static final int KEYS = 60;
    private static final int STEP = 10;

    @Test
    void aSnapshotAnswersThoughItsFramesLeaveMemory(@TempDir Path directory) {
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(4L << 20)
                .durability(Durability.NONE)
                .build();
        try (HoltDb db = Holt.open(directory, options)) {
            HoltTree tree = db.tree("nested");
            for (int i = 1; i <= KEYS; i++) {
                tree.put(key(i * STEP), new byte[40_000]);
            }
            assertThat(tree.stats().depthMax()).isGreaterThan(3);
            try (Snapshot snapshot = db.snapshot()) {
                for (int i = 1; i <= KEYS; i++) {
                    tree.put(key(i * STEP), new byte[39_000]);
                }
                TreeView frozen = snapshot.tree("nested");
                for (int length = STEP; length < KEYS * STEP + 20; length += 7) {
                    assertThat(frozen.longestPrefix(key(length))).isEqualTo(Math.min(KEYS, length / STEP) * STEP);
                }
            }
        }
    }

    private static byte[] key(int length) {
        byte[] key = new byte[length];
        Arrays.fill(key, (byte) 'k');
        return key;
    }
}
