package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.CheckpointImage;
import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/** Databases of several frames, and the frames of their images. */
final class ImageFixtures {

    private static final int LARGE_VALUE_BYTES = 700_000;

    private ImageFixtures() {}

    /** A frame of a stream, and what tells whether it is still wanted. */
    static final class Kept {
        final int blobId;
        final long epoch;
        final byte[] bytes;

        Kept(int blobId, long epoch, byte[] bytes) {
            this.blobId = blobId;
            this.epoch = epoch;
            this.bytes = bytes;
        }
    }

    /** Puts, overwrites, deletes, large values, prefixes and a whole tree deleted; what remains is several frames. */
    static void fill(HoltDb db, int records, Random random) {
        for (int i = 0; i < records; i++) {
            HoltTree tree = db.tree(i % 4 == 3 ? "b" : "a");
            byte[] key = bytes("dir-" + random.nextInt(40) + "/file-" + random.nextInt(3000));
            if (random.nextInt(6) == 0) {
                tree.delete(key);
            } else {
                byte[] value = new byte[random.nextInt(150)];
                random.nextBytes(value);
                tree.put(key, value);
            }
            if (random.nextInt(1500) == 0) {
                tree.put(key, new byte[LARGE_VALUE_BYTES + random.nextInt(9)]);
            }
            if (random.nextInt(700) == 0) {
                tree.deletePrefix(bytes("dir-" + random.nextInt(40)));
            }
        }
        if (random.nextInt(3) == 0) {
            db.dropTree("b");
            db.tree("c").put(bytes("once"), bytes("more"));
        }
        db.tree("a");
    }

    static void churn(HoltDb db, AtomicBoolean stop) {
        for (long seed = 100; !stop.get(); seed++) {
            fill(db, 300, new Random(seed));
        }
    }

    static List<Kept> framesOf(CheckpointImage image) throws IOException {
        List<Kept> frames = new ArrayList<>();
        try (CheckpointImage.FrameCursor cursor = image.frames()) {
            while (cursor.next()) {
                frames.add(new Kept(cursor.blobId(), cursor.epoch(), written(cursor)));
            }
            assertThat(cursor.next()).isFalse();
        }
        return frames;
    }

    static byte[] written(CheckpointImage.FrameCursor cursor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        cursor.writeTo(out);
        assertThat(out.size()).isEqualTo(cursor.bytes());
        return out.toByteArray();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
