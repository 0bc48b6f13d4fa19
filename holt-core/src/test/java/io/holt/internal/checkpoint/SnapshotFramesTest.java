package io.holt.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.tree.TreeRig;
import io.holt.testkit.OffHeap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages are copied when they are asked for: in whatever order that is, a frame is what the snapshot saw. */
class SnapshotFramesTest {

    private static final int RECORDS = 4000;

    private final Random random = new Random(21);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void put(TreeRig rig, int number) {
        byte[] value = new byte[400];
        random.nextBytes(value);
        rig.put(bytes("key-" + number), value);
    }

    private void fill(TreeRig rig) {
        for (int i = 0; i < RECORDS; i++) {
            put(rig, i);
        }
    }

    private static SnapshotFrames frames(TreeRig rig, SnapshotHandle handle) {
        return new SnapshotFrames(rig.core, handle, 0, new BitSet(), Map.of(1, "tree"));
    }

    private static BlockDigests[] digests(TreeRig rig, SnapshotHandle handle) {
        BlockDigests[] digests = new BlockDigests[1000];
        try (SnapshotFrames frames = frames(rig, handle)) {
            while (frames.next()) {
                digests[frames.blobId()] = (BlockDigests) frames.digest(null);
            }
        }
        return digests;
    }

    private static byte[] whole(SnapshotFrames frames) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frames.writeTo(out);
        assertThat(out.size()).isEqualTo(frames.bytes());
        return out.toByteArray();
    }

    private static byte[] changes(SnapshotFrames frames, BlockDigests since) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frames.writeChangesTo(since, out);
        assertThat(out.size()).isEqualTo(frames.bytesOfChanges(since));
        return out.toByteArray();
    }

    @Test
    void aFrameIsTheSameInWhateverOrderItIsAskedFor() throws IOException {
        try (TreeRig rig = new TreeRig(40)) {
            fill(rig);
            SnapshotHandle first = rig.snapshot();
            BlockDigests[] oldest = digests(rig, first);
            for (int i = 0; i < 60; i++) {
                put(rig, random.nextInt(2 * RECORDS));
            }
            SnapshotHandle second = rig.snapshot();
            BlockDigests[] newer = digests(rig, second);
            for (int i = 0; i < 60; i++) {
                put(rig, random.nextInt(2 * RECORDS));
                rig.delete(bytes("key-" + random.nextInt(RECORDS)));
            }
            SnapshotHandle third = rig.snapshot();
            List<byte[]> asked = new ArrayList<>();
            for (int order = 0; order < 4; order++) {
                asked.add(askInOrder(rig, third, order, oldest, newer));
                // What comes later, and where a frame is meanwhile, changes nothing.
                for (int i = 0; i < 40; i++) {
                    put(rig, random.nextInt(2 * RECORDS));
                }
            }
            assertThat(asked.get(1)).isEqualTo(asked.get(0));
            assertThat(asked.get(2)).isEqualTo(asked.get(0));
            assertThat(asked.get(3)).isEqualTo(asked.get(0));
            rig.snapshots.close(first);
            rig.snapshots.close(second);
        }
    }

    private byte[] askInOrder(
            TreeRig rig, SnapshotHandle handle, int order, BlockDigests[] oldest, BlockDigests[] newer)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SnapshotFrames frames = frames(rig, handle)) {
            while (frames.next()) {
                BlockDigests before = oldest[frames.blobId()];
                BlockDigests after = newer[frames.blobId()];
                byte[] whole = order == 0 ? whole(frames) : null;
                if (before == null || after == null) {
                    out.writeBytes(whole == null ? whole(frames) : whole);
                    continue;
                }
                // The digest that is asked for first says which pages are copied at first.
                if (order == 1) {
                    frames.digest(after);
                } else if (order == 2) {
                    frames.digest(before);
                } else if (order == 3) {
                    frames.digest(null);
                }
                byte[] sinceFirst = changes(frames, before);
                byte[] sinceSecond = changes(frames, after);
                out.writeBytes(whole == null ? whole(frames) : whole);
                out.writeBytes(sinceFirst);
                out.writeBytes(sinceSecond);
                out.writeBytes(frames.lowestPrefix());
                out.writeBytes(frames.highestPrefix());
            }
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFrameThatIsFreedMeanwhileIsAFrameAllTheSame(boolean digested) throws IOException {
        try (TreeRig rig = new TreeRig(40);
                OffHeap heap = new OffHeap(FrameHeader.FRAME_BYTES)) {
            fill(rig);
            SnapshotHandle first = rig.snapshot();
            BlockDigests[] before = digests(rig, first);
            rig.snapshots.close(first);
            for (int i = 0; i < 60; i++) {
                put(rig, random.nextInt(RECORDS));
            }
            // As if its prefix was deleted before the snapshot: nothing leads there, and it is freed some time later.
            rig.core.drop().addTree(rig.tree);
            SnapshotHandle second = rig.snapshot();
            try (SnapshotFrames frames = frames(rig, second)) {
                boolean found = frames.next();
                while (found && before[frames.blobId()] == null) {
                    found = frames.next();
                }
                assertThat(found).isTrue();
                BlockDigests since = before[frames.blobId()];
                BlockDigests digest = digested ? (BlockDigests) frames.digest(since) : null;
                // With checked memory a digest takes all pages, to compare them: then there is nothing left to ask for.
                boolean whole = digested && Memory.CHECKED;
                int records = FrameHeader.records(rig.buffers.residentAddress(frames.blobId()));
                assertThat(records).isPositive();
                rig.core.drop().drain();
                assertThat(rig.buffers.blobCount()).isZero();
                FrameReceiver receiver = new FrameReceiver();
                ByteArrayInputStream in = new ByteArrayInputStream(whole(frames));
                assertThat(receiver.readHeader(in)).isEqualTo(FrameReceiver.Next.FRAME);
                receiver.readPages(in, heap.address());
                assertThat(Memory.getInt(heap.address() + FrameHeader.RECORDS_OFFSET))
                        .isEqualTo(whole ? records : 0);
                assertThat(frames.next()).isFalse();
                if (whole) {
                    assertThat(BlockDigests.of(heap.address())
                                    .changedSince(digest)
                                    .isEmpty())
                            .isTrue();
                } else if (digested) {
                    // Whatever comes to have this id is written whole.
                    BitSet changed = BlockDigests.of(heap.address()).changedSince(digest);
                    assertThat(changed.cardinality()).isEqualTo(2 * BlockDigests.BLOCKS_PER_PAGE);
                }
            }
        }
    }
}
