package io.holt;

import static io.holt.ImageFixtures.bytes;
import static io.holt.ImageFixtures.fill;
import static io.holt.ImageFixtures.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CheckpointImage;
import io.holt.api.CheckpointImage.FrameCursor;
import io.holt.api.CorruptDataException;
import io.holt.api.FrameDigest;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.ImageInstaller;
import io.holt.api.ImageInstaller.FramePieces;
import io.holt.api.Snapshot;
import io.holt.testkit.Contents;
import io.holt.testkit.NoLeakedFrames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that are kept as an earlier form and changes: put together they are what the snapshot saw. */
@ExtendWith(NoLeakedFrames.class)
class FrameChangesTest {

    static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(96L << 20).build();

    @TempDir
    private Path temp;

    /** A frame as it is kept, and what tells its next changes. */
    record Kept(List<byte[]> pieces, FrameDigest digest) {
        Kept and(byte[] changes, FrameDigest next) {
            List<byte[]> more = new ArrayList<>(pieces);
            more.add(changes);
            return new Kept(more, next);
        }
    }

    private static byte[] changes(FrameCursor cursor, FrameDigest since) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        cursor.writeChangesTo(since, out);
        assertThat(out.size()).isEqualTo(cursor.bytesOfChanges(since));
        return out.toByteArray();
    }

    static FramePieces pieces(List<byte[]> pieces) {
        Iterator<byte[]> each = pieces.iterator();
        return () -> each.hasNext() ? new ByteArrayInputStream(each.next()) : null;
    }

    static void install(ImageInstaller installer, Map<Integer, Kept> frames, Contents expected) throws IOException {
        try (installer) {
            for (Kept frame : frames.values()) {
                // Not taken is what was unhooked, and freed before the catalog was asked for.
                installer.addFrame(pieces(frame.pieces));
            }
            try (HoltDb restored = installer.finish()) {
                expected.assertSame(restored);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void changesOverAnEarlierFormAreThePresentOne(long seed) throws Exception {
        Random random = new Random(seed);
        Map<Integer, Kept> kept = new HashMap<>();
        long changesBytes = 0;
        long wholeBytes = 0;
        try (HoltDb db = Holt.open(temp.resolve("db"), OPTIONS)) {
            long since = 0;
            for (int round = 0; round < 9; round++) {
                fill(db, round == 0 ? 8_000 : 1 + random.nextInt(120), random);
                try (Snapshot snapshot = db.snapshot()) {
                    CheckpointImage image = snapshot.image(since);
                    BitSet blobs = image.blobIds();
                    kept.keySet().removeIf(id -> !blobs.get(id));
                    try (FrameCursor cursor = image.frames()) {
                        while (cursor.next()) {
                            Kept before = kept.get(cursor.blobId());
                            if (before == null) {
                                kept.put(cursor.blobId(), new Kept(List.of(written(cursor)), cursor.digest(null)));
                                continue;
                            }
                            byte[] changes = changes(cursor, before.digest);
                            changesBytes += changes.length;
                            wholeBytes += cursor.bytes();
                            kept.put(cursor.blobId(), before.and(changes, cursor.digest(before.digest)));
                        }
                    }
                    Contents expected = Contents.of(snapshot);
                    install(Holt.installer(image.catalog(), OPTIONS), kept, expected);
                    if (round == 5) {
                        install(
                                Holt.installer(image.catalog(), temp.resolve("restored" + round), OPTIONS),
                                kept,
                                expected);
                    }
                    since = snapshot.epoch();
                }
                if (random.nextInt(3) == 0) {
                    db.checkpoint();
                }
            }
        }
        assertThat(changesBytes).isPositive().isLessThan(wholeBytes);
    }

    @Test
    void aSmallChangeIsFewBytes() throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("tree");
            for (int i = 0; i < 3000; i++) {
                tree.put(bytes("key-" + i), new byte[1000]);
            }
            Map<Integer, Kept> kept = new HashMap<>();
            try (Snapshot first = db.snapshot()) {
                keepAll(first.image(0), kept);
                byte[] value = new byte[1000];
                new Random(5).nextBytes(value);
                tree.put(bytes("key-77"), value);
                try (Snapshot second = db.snapshot();
                        FrameCursor cursor = second.image(first.epoch()).frames()) {
                    assertThat(cursor.next()).isTrue();
                    FrameDigest since = kept.get(cursor.blobId()).digest;
                    // The value in at most three blocks, and those of the header that tell epoch and checksums.
                    assertThat(cursor.bytesOfChanges(since)).isLessThan(6 * 512);
                    assertThat(cursor.bytesOfChanges(cursor.digest(null))).isEqualTo(40);
                    assertThat(cursor.next()).isFalse();
                }
            }
        }
    }

    static void keepAll(CheckpointImage image, Map<Integer, Kept> kept) throws IOException {
        try (FrameCursor cursor = image.frames()) {
            while (cursor.next()) {
                kept.put(cursor.blobId(), new Kept(List.of(written(cursor)), cursor.digest(null)));
            }
        }
    }

    @Test
    void unwantedFramesAreLeftOutWithTheirChanges() throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("groups");
            for (int i = 0; i < 40_000; i++) {
                tree.put(groupKey(i % 16, i), bytes("value of some length, number " + i));
            }
            Map<Integer, Kept> kept = new HashMap<>();
            long since;
            try (Snapshot first = db.snapshot()) {
                keepAll(first.image(0), kept);
                since = first.epoch();
            }
            for (int i = 0; i < 40_000; i += 50) {
                tree.put(groupKey(i % 16, i), bytes("another value, of another length, with the number " + i));
            }
            try (Snapshot second = db.snapshot()) {
                BitSet unwanted = new BitSet();
                try (FrameCursor cursor = second.image(since).frames()) {
                    while (cursor.next()) {
                        byte[] lowest = cursor.lowestPrefix();
                        unwanted.set(cursor.blobId(), lowest.length >= 2 && lowest[1] >= 8);
                        kept.compute(
                                cursor.blobId(),
                                (_, before) -> before == null ? whole(cursor) : changed(cursor, before));
                    }
                }
                assertThat(unwanted.cardinality()).isPositive();
                Contents expected = Contents.of(second);
                expected.tree("groups").tailMap(new byte[] {0, 8}, true).clear();
                try (ImageInstaller installer = Holt.installer(second.image(0).catalog(), OPTIONS)) {
                    for (Map.Entry<Integer, Kept> frame : kept.entrySet()) {
                        FramePieces pieces = pieces(frame.getValue().pieces);
                        boolean taken = unwanted.get(frame.getKey())
                                ? installer.addEmptied(pieces)
                                : installer.addFrame(pieces);
                        assertThat(taken).isTrue();
                    }
                    try (HoltDb restored = installer.finish()) {
                        for (int group = 8; group < 16; group++) {
                            restored.tree("groups").deletePrefix(new byte[] {0, (byte) group});
                        }
                        expected.assertSame(restored);
                    }
                }
            }
        }
    }

    private static Kept whole(FrameCursor cursor) {
        try {
            return new Kept(List.of(written(cursor)), cursor.digest(null));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Kept changed(FrameCursor cursor, Kept before) {
        try {
            return before.and(changes(cursor, before.digest), cursor.digest(before.digest));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] groupKey(int group, int number) {
        byte[] tail = bytes("/key-" + number);
        byte[] key = new byte[2 + tail.length];
        key[1] = (byte) group;
        System.arraycopy(tail, 0, key, 2, tail.length);
        return key;
    }

    /** A frame, two changes of it, and the catalog of the image after both. */
    private static final class Chain {
        final byte[] catalog;
        final byte[] whole;
        final byte[] first;
        final byte[] second;

        Chain(byte[] catalog, List<byte[]> pieces) {
            this.catalog = catalog;
            this.whole = pieces.get(0);
            this.first = pieces.get(1);
            this.second = pieces.get(2);
        }
    }

    private static Chain chain(int valueBytes) throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("tree");
            for (int i = 0; i < 500; i++) {
                tree.put(bytes("key-" + i), new byte[valueBytes]);
            }
            List<byte[]> pieces = new ArrayList<>();
            FrameDigest digest = null;
            byte[] catalog = null;
            for (int form = 0; form < 3; form++) {
                tree.put(bytes("key-" + 100 * form), bytes("form " + form + " of a value that is long"));
                tree.put(bytes("new-" + form), new byte[600]);
                try (Snapshot snapshot = db.snapshot();
                        FrameCursor cursor = snapshot.image(0).frames()) {
                    assertThat(cursor.next()).isTrue();
                    pieces.add(digest == null ? written(cursor) : changes(cursor, digest));
                    digest = cursor.digest(null);
                    catalog = snapshot.image(0).catalog();
                    assertThat(cursor.next()).isFalse();
                }
            }
            return new Chain(catalog, pieces);
        }
    }

    private static void refused(byte[] catalog, Class<? extends Exception> error, byte[]... pieces) {
        try (ImageInstaller installer = Holt.installer(catalog, OPTIONS)) {
            assertThatThrownBy(() -> installer.addFrame(pieces(List.of(pieces))))
                    .isInstanceOf(error);
        }
    }

    @Test
    void piecesThatDoNotBelongTogetherAreRefused() throws Exception {
        Chain chain = chain(100);
        Chain other = chain(101);
        refused(chain.catalog, CorruptDataException.class, chain.whole, chain.second);
        refused(chain.catalog, CorruptDataException.class, chain.whole, chain.second, chain.first);
        refused(chain.catalog, CorruptDataException.class, chain.whole, chain.first, chain.first);
        refused(chain.catalog, CorruptDataException.class, chain.first);
        refused(chain.catalog, CorruptDataException.class, chain.whole, chain.whole);
        refused(chain.catalog, EOFException.class);
        // The same blob and the same epochs, but other contents.
        refused(chain.catalog, CorruptDataException.class, other.whole, chain.first);
        try (ImageInstaller installer = Holt.installer(chain.catalog, OPTIONS)) {
            assertThat(installer.addFrame(pieces(List.of(chain.whole, chain.first, chain.second))))
                    .isTrue();
            assertThat(installer.addFrame(pieces(List.of(chain.whole, chain.first))))
                    .isFalse();
            installer.finish().close();
        }
    }

    @Test
    void everyDamagedByteOfChangesIsReported() throws Exception {
        Chain chain = chain(100);
        for (int at = 0; at < chain.second.length; at += at < 100 ? 1 : 7) {
            byte[] damaged = chain.second.clone();
            damaged[at] = (byte) (damaged[at] ^ (1 << (at % 8)));
            try (ImageInstaller installer = Holt.installer(chain.catalog, OPTIONS)) {
                assertThatThrownBy(() -> installer.addFrame(pieces(List.of(chain.whole, chain.first, damaged))))
                        .as("byte %d", at)
                        .isInstanceOf(CorruptDataException.class);
            }
        }
        for (int bytes = 0; bytes < chain.second.length; bytes += 33) {
            refused(chain.catalog, EOFException.class, chain.whole, chain.first, Arrays.copyOf(chain.second, bytes));
        }
    }

    @Test
    void digestsOfAnotherFrameAreRefused() throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            fill(db, 20_000, new Random(7));
            Map<Integer, Kept> kept = new HashMap<>();
            try (Snapshot snapshot = db.snapshot();
                    FrameCursor cursor = snapshot.image(0).frames()) {
                keepAll(snapshot.image(0), kept);
                assertThat(cursor.next()).isTrue();
                FrameDigest another = kept.values().stream()
                        .map(Kept::digest)
                        .filter(digest -> digest.blobId() != cursor.blobId())
                        .findFirst()
                        .orElseThrow();
                assertThatThrownBy(() -> cursor.bytesOfChanges(another))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("blob " + another.blobId());
            }
        }
    }
}
