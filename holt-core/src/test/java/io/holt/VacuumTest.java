package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.VerifyReport;
import io.holt.testkit.Contents;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After much was written and deleted, and a vacuum, the data file takes little more than what lives in it. */
class VacuumTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(96L << 20).build();
    private static final double MOST = 1.3;

    @TempDir
    private Path directory;

    @Test
    void diskAfterChurnAndVacuum() {
        Random random = new Random(1);
        Contents contents;
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            for (int round = 0; round < 6; round++) {
                for (int i = 0; i < 15_000; i++) {
                    int number = random.nextInt(60_000);
                    byte[] key = bytes("dir-" + number % 97 + "/file-" + number);
                    if (random.nextInt(3) == 0) {
                        db.tree("tree").delete(key);
                    } else {
                        db.tree("tree").put(key, new byte[200 + random.nextInt(400)]);
                    }
                }
                db.tree("tree").deletePrefix(bytes("dir-" + 7 * round));
                db.checkpoint();
            }
            for (int i = 0; i < 60; i++) {
                db.tree("tree").deletePrefix(bytes("dir-" + i + "/"));
            }
            AtomicBoolean stop = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> {
                for (int i = 0; !stop.get(); i++) {
                    db.tree("busy").put(bytes("key-" + i % 1000), bytes("value " + i));
                }
            });
            db.vacuum();
            stop.set(true);
            join(writer);
            db.vacuum();
            long live = db.tree("tree").stats().liveBytes()
                    + db.tree("busy").stats().liveBytes();
            assertThat((double) db.stats().fileBytes() / live).isLessThanOrEqualTo(MOST);
            contents = Contents.of(db);
            contents.assertSame(db);
        }
        VerifyReport report = Holt.verify(directory, (done, all) -> {});
        assertThat(report.problems()).isEmpty();
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            contents.assertSame(db);
            db.tree("tree").deletePrefix(new byte[0]);
            db.tree("busy").deletePrefix(new byte[0]);
            db.vacuum();
            assertThat(db.stats().fileBytes()).isLessThan(16L * 4096);
        }
        assertThat(directory.resolve("holt.data").toFile().length()).isLessThanOrEqualTo(20L * 524_288);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
