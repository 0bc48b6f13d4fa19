package io.holt.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.MemoryBudget;
import io.holt.testkit.SimulatedDisk;
import io.holt.testkit.SimulatedDisk.Call;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** An operation that fails behind its half is done or not done, for readers too. */
class OperationFaultTest {

    private static final Path DIRECTORY = Path.of("/db");
    private static final long SEGMENT_BYTES = 1 << 20;

    /** Long keys, so that some rename comes to the end of a segment of the log, and there is no other one to be had. */
    @Test
    void ofARenameThatCantBeLoggedReadersSeeOneKey() {
        SimulatedDisk disk = new SimulatedDisk();
        try (MemoryBudget budget = Holt.memory(32L << 20)) {
            HoltOptions options = HoltOptions.builder()
                    .memory(budget)
                    .durability(Durability.SYNC)
                    .build();
            HoltDb db = Opening.open(disk.engine(), DIRECTORY, options, SEGMENT_BYTES);
            HoltTree tree = db.tree("tree");
            tree.put(longKey(0), new byte[10]);
            disk.fault((call, path, number) -> {
                if (path.toString().endsWith(".wal") && call != Call.WRITE && call != Call.SYNC) {
                    throw new HoltIoException("ENOSPC", null, true);
                }
            });
            int renames = 0;
            boolean failed = false;
            while (!failed) {
                try {
                    tree.rename(longKey(renames), longKey(renames + 1), false);
                    renames++;
                } catch (HoltIoException e) {
                    failed = true;
                }
            }
            assertThat(renames).isGreaterThan(2);
            boolean isAtOld = tree.get(longKey(renames)) != null;
            boolean isAtNew = tree.get(longKey(renames + 1)) != null;
            assertThat(isAtOld).isNotEqualTo(isAtNew);
            disk.fault((call, path, number) -> {});
            db.close();
        }
    }

    private static byte[] longKey(int number) {
        byte[] key = new byte[40_000];
        Arrays.fill(key, (byte) number);
        return key;
    }
}
