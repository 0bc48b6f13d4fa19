package io.holt;

import static io.holt.ImageFixtures.bytes;
import static io.holt.ImageFixtures.fill;
import static io.holt.ImageFixtures.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.holt.FrameChangesTest.Kept;
import io.holt.api.CheckpointImage;
import io.holt.api.CheckpointImage.FrameCursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.ImageArrival;
import io.holt.api.MemoryBudget;
import io.holt.api.Snapshot;
import io.holt.testkit.Contents;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An image as it is kept, in pieces, and what it holds. */
final class ArrivalKit {

    static final int GROUPS = 16;
    static final int WANTED_GROUPS = 8;
    static final int LARGE_VALUE_BYTES = 600_000;

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(96L << 20).build();

    byte[] catalog;
    Contents expected;
    final Map<Integer, Kept> frames = new HashMap<>();
    final BitSet valueParts = new BitSet();
    final BitSet unwanted = new BitSet();

    /** Takes over what changed; answers since when the next changes are. */
    long take(HoltDb db, long since) throws Exception {
        try (Snapshot snapshot = db.snapshot()) {
            CheckpointImage image = snapshot.image(since);
            BitSet blobs = image.blobIds();
            frames.keySet().removeIf(blobId -> !blobs.get(blobId));
            try (FrameCursor cursor = image.frames()) {
                while (cursor.next()) {
                    Kept before = frames.get(cursor.blobId());
                    frames.put(
                            cursor.blobId(),
                            before == null
                                    ? new Kept(List.of(written(cursor)), cursor.digest(null))
                                    : FrameChangesTest.changed(cursor, before));
                    valueParts.set(cursor.blobId(), cursor.isValuePart());
                    byte[] lowest = cursor.lowestPrefix();
                    boolean above = lowest.length >= 2 && lowest[1] >= WANTED_GROUPS;
                    unwanted.set(cursor.blobId(), !cursor.isValuePart() && above);
                }
            }
            catalog = image.catalog();
            expected = Contents.of(snapshot);
            return snapshot.epoch();
        }
    }

    KeptSource source() {
        return new KeptSource(frames, valueParts);
    }

    /** A part of a large value. */
    int somePart() {
        return frames.keySet().stream().filter(valueParts::get).findAny().orElseThrow();
    }

    /** A frame with records that is not the root of a tree. */
    int someFrame() {
        return frames.keySet().stream()
                .filter(blobId -> !valueParts.get(blobId))
                .max(Integer::compare)
                .orElseThrow();
    }

    static ArrivalKit kit(long seed) throws Exception {
        Random random = new Random(seed);
        ArrivalKit kit = new ArrivalKit();
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            long since = 0;
            for (int round = 0; round < 4; round++) {
                fill(db, round == 0 ? 15_000 : 300, random);
                since = kit.take(db, since);
            }
        }
        return kit;
    }

    /** Keys of groups, each of which has several frames and some large values. */
    static ArrivalKit groups() throws Exception {
        ArrivalKit kit = new ArrivalKit();
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("groups");
            for (int i = 0; i < 60_000; i++) {
                tree.put(groupKey(i % GROUPS, i), new byte[200]);
            }
            for (int i = 0; i < GROUPS; i++) {
                tree.put(groupKey(i, -i), new byte[LARGE_VALUE_BYTES]);
            }
            long since = kit.take(db, 0);
            for (int i = 0; i < 60_000; i += 90) {
                tree.put(groupKey(i % GROUPS, i), bytes("another value, of another length, with the number " + i));
            }
            kit.take(db, since);
        }
        kit.expected.tree("groups").tailMap(new byte[] {0, WANTED_GROUPS}, true).clear();
        return kit;
    }

    static byte[] groupKey(int group, int number) {
        byte[] tail = bytes("/key-" + number);
        byte[] key = new byte[2 + tail.length];
        key[1] = (byte) group;
        System.arraycopy(tail, 0, key, 2, tail.length);
        return key;
    }

    static HoltOptions working(MemoryBudget budget) {
        return HoltOptions.builder().memory(budget).durability(Durability.NONE).build();
    }

    /** What the listener was told. */
    static final class Told implements ImageArrival.Listener {
        final CountDownLatch ended = new CountDownLatch(1);
        private volatile RuntimeException cause;

        @Override
        public void complete() {
            ended.countDown();
        }

        @Override
        public void failed(RuntimeException failure) {
            cause = failure;
            ended.countDown();
        }

        RuntimeException cause() throws InterruptedException {
            assertThat(ended.await(5, TimeUnit.MINUTES)).isTrue();
            return cause;
        }
    }
}
