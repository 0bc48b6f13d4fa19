package io.holt.flink.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.Test;

/** What packs are written again, and what that bounds. */
class PackGarbageTest {

    private static final long PACK_BYTES = 64L << 20;
    private static final int FRAME_BYTES = 500_000;

    private static Pack pack(String name, long bytes) {
        return new Pack(name, new ByteStreamStateHandle(name, new byte[0]), bytes);
    }

    private static FramePlace frame(int blobId, FramePiece... pieces) {
        return new FramePlace(blobId, 0, 1, false, FramePieces.of(pieces), null);
    }

    private static UploadedImage image(FramePlace... frames) {
        Map<Integer, FramePlace> places = new HashMap<>();
        Arrays.stream(frames).forEach(frame -> places.put(frame.blobId(), frame));
        return new UploadedImage(1, places);
    }

    @Test
    void packsMostlyOutOfUseAreChosen() {
        Pack full = pack("full", 1000);
        Pack half = pack("half", 1000);
        Pack less = pack("less", 1000);
        UploadedImage image = image(
                frame(1, new FramePiece(full, 0, 1000)),
                frame(2, new FramePiece(half, 0, 500)),
                frame(3, new FramePiece(less, 0, 499)));
        assertThat(PackGarbage.toRewrite(image, 0.5, PACK_BYTES)).containsExactly(less);
        assertThat(PackGarbage.toRewrite(image, 0, PACK_BYTES)).isEmpty();
        assertThat(PackGarbage.toRewrite(image, 1, PACK_BYTES)).containsExactlyInAnyOrder(half, less);
    }

    @Test
    void aFrameIsNotWrittenAnewForALittleGarbage() {
        Pack wholes = pack("wholes", 10L * FRAME_BYTES);
        Pack changes = pack("changes", 5000);
        FramePlace[] frames = IntStream.range(1, 11)
                .mapToObj(id -> frame(id, new FramePiece(wholes, 0, FRAME_BYTES)))
                .toArray(FramePlace[]::new);
        // 4,000 bytes of changes are superseded; to win them would cost a frame.
        frames[0] = frame(1, frames[0].whole(), new FramePiece(changes, 0, 1000));
        assertThat(PackGarbage.toRewrite(image(frames), 0.5, PACK_BYTES)).isEmpty();
    }

    @Test
    void supersededChangesAreWonWhenTheyAreMuch() {
        Pack wholes = pack("wholes", 10L * FRAME_BYTES);
        Pack changes = pack("changes", 2L * FRAME_BYTES);
        FramePlace[] frames = IntStream.range(1, 11)
                .mapToObj(id -> frame(id, new FramePiece(wholes, 0, FRAME_BYTES)))
                .toArray(FramePlace[]::new);
        frames[0] = frame(1, frames[0].whole(), new FramePiece(changes, 0, 1000));
        assertThat(PackGarbage.toRewrite(image(frames), 0.5, PACK_BYTES)).containsExactly(changes);
    }

    @Test
    void garbageAllInAllIsBounded() {
        Pack wholes = pack("wholes", 10L * FRAME_BYTES);
        List<Pack> changes = new ArrayList<>();
        FramePlace[] frames = IntStream.range(1, 11)
                .mapToObj(id -> {
                    Pack mostlyGarbage = pack("changes" + id, FRAME_BYTES * 7L / 10);
                    changes.add(mostlyGarbage);
                    return frame(id, new FramePiece(wholes, 0, FRAME_BYTES), new FramePiece(mostlyGarbage, 0, 100));
                })
                .toArray(FramePlace[]::new);
        assertThat(PackGarbage.toRewrite(image(frames), 0.5, PACK_BYTES)).isEmpty();
        // A share of 0.8 allows a quarter of what is in use: at the cost of frames, packs are given up until then.
        Set<Pack> chosen = PackGarbage.toRewrite(image(frames), 0.8, PACK_BYTES);
        assertThat(chosen).isNotEmpty().isSubsetOf(changes);
    }

    @Test
    void packsDoNotBecomeMany() {
        Random random = new Random(3);
        Pack wholes = pack("wholes", 300L * FRAME_BYTES);
        FramePlace[] frames = IntStream.range(1, 301)
                .mapToObj(id -> frame(
                        id,
                        new FramePiece(wholes, 0, FRAME_BYTES),
                        new FramePiece(pack("changes" + id, 1000), 0, 1000 - random.nextInt(2))))
                .toArray(FramePlace[]::new);
        UploadedImage image = image(frames);
        int remaining = image.packs().size()
                - PackGarbage.toRewrite(image, 0.5, PACK_BYTES).size();
        assertThat(remaining).isLessThanOrEqualTo(64 + 2 * 3);
    }

    /** Pieces and packs as they come about: frames are written whole, changed, freed, over and over. */
    @Test
    void usesThatAreCarriedOnAreThoseCountedAnew() {
        Random random = new Random(17);
        UploadedImage image = new UploadedImage(0, new HashMap<>());
        for (int round = 1; round < 200; round++) {
            Pack pack = pack("pack" + round, 1000);
            Map<Integer, FramePlace> frames = new HashMap<>();
            image.frames().forEach(frame -> frames.put(frame.blobId(), frame));
            for (int blobId = 1; blobId <= 20; blobId++) {
                FramePlace before = frames.get(blobId);
                int bytes = 1 + random.nextInt(100);
                switch (random.nextInt(6)) {
                    case 0 -> frames.remove(blobId);
                    case 1 -> frames.put(blobId, frame(blobId, new FramePiece(pack, blobId, bytes)));
                    case 2, 3 ->
                        frames.computeIfPresent(
                                blobId,
                                (id, place) -> new FramePlace(
                                        id, 0, 1, false, before.pieces().and(pack, id, bytes), null));
                    default -> {
                        // It stays as it is.
                    }
                }
            }
            image = new UploadedImage(image, round, frames);
            UploadedImage anew = new UploadedImage(round, new HashMap<>(frames));
            assertThat(uses(image)).isEqualTo(uses(anew)).isNotEmpty();
            assertThat(image.packs()).isEqualTo(anew.packs());
        }
    }

    private static Map<String, List<Long>> uses(UploadedImage image) {
        Map<String, List<Long>> uses = new HashMap<>();
        image.uses().forEach(use -> uses.put(use.pack().name(), List.of(use.inUse(), use.rewritten())));
        return uses;
    }
}
