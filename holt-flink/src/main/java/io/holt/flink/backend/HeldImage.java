package io.holt.flink.backend;

import io.holt.api.CorruptDataException;
import io.holt.api.ImageInstaller;
import io.holt.flink.snapshot.CheckpointMark;
import io.holt.flink.snapshot.FramePiece;
import io.holt.flink.snapshot.FramePlace;
import io.holt.flink.snapshot.ImageMetadata;
import io.holt.flink.snapshot.LocalPacks;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalLocalKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.util.StateMigrationException;

/** A checkpoint of frames whose metadata was read; its frames are read when they are installed. */
final class HeldImage<K> {

    /** Packs open at a time. */
    private static final int MAX_OPEN = 24;

    private final IncrementalKeyedStateHandle handle;
    private final KeyedBackendSerializationProxy<K> states;
    private final ImageMetadata metadata;

    private HeldImage(
            IncrementalKeyedStateHandle handle, KeyedBackendSerializationProxy<K> states, ImageMetadata metadata) {
        this.handle = handle;
        this.states = states;
        this.metadata = metadata;
    }

    /**
     * Reads the metadata.
     *
     * @throws StateMigrationException if it was written by another backend or by a newer version, or a pack is missing
     */
    static <K> HeldImage<K> read(
            IncrementalKeyedStateHandle handle, ClassLoader userClasses, CloseableRegistry cancellation)
            throws IOException, StateMigrationException {
        Map<String, StreamStateHandle> packs = new HashMap<>();
        for (HandleAndLocalPath pack : handle.getSharedStateHandles()) {
            packs.put(pack.getLocalPath(), pack.getHandle());
        }
        try (FSDataInputStream stream = handle.getMetaDataStateHandle().openInputStream()) {
            cancellation.registerCloseable(stream);
            try {
                DataInputViewStreamWrapper in = new DataInputViewStreamWrapper(new BufferedStream(stream));
                KeyedBackendSerializationProxy<K> states = new KeyedBackendSerializationProxy<>(userClasses);
                states.read(in);
                CheckpointMark.check(handle, states.getStateMetaInfoSnapshots());
                return new HeldImage<>(handle, states, ImageMetadata.read(in, packs));
            } catch (EOFException e) {
                throw new StateMigrationException(
                        "the metadata of " + CheckpointMark.name(handle) + " is cut off; restore an older checkpoint",
                        e);
            } finally {
                cancellation.unregisterCloseable(stream);
            }
        }
    }

    IncrementalKeyedStateHandle handle() {
        return handle;
    }

    KeyGroupRange keyGroups() {
        return handle.getKeyGroupRange();
    }

    KeyedBackendSerializationProxy<K> states() {
        return states;
    }

    List<StateMetaInfoSnapshot> stateMetaInfos() {
        return states.getStateMetaInfoSnapshots();
    }

    ImageMetadata metadata() {
        return metadata;
    }

    /**
     * Gives an installer the frames that may have keys of these key groups; the others it gets without their records.
     *
     * @param localPacks where copies of the packs are to be kept, or null
     * @return bytes read
     */
    long giveFrames(
            ImageInstaller installer, KeyGroupRange wanted, LocalPacks localPacks, CloseableRegistry cancellation)
            throws IOException {
        // A pack has its pieces in order of blob ids: in this order every pack is read from its beginning to its end.
        List<FramePlace> frames = new ArrayList<>(metadata.image().frames());
        frames.sort(Comparator.comparingInt(FramePlace::blobId));
        long bytes = 0;
        try (PackStreams packs = new PackStreams(localDirectory(), localPacks, cancellation, MAX_OPEN);
                FrameReading reading = new FrameReading(packs, compression())) {
            for (FramePlace frame : frames) {
                bytes += giveFrame(installer, frame, reading, wanted);
            }
        }
        return bytes;
    }

    private long giveFrame(ImageInstaller installer, FramePlace frame, FrameReading reading, KeyGroupRange wanted)
            throws IOException {
        try {
            if (frame.mayBelongTo(wanted)) {
                installer.addFrame(reading.of(frame));
                return frame.pieces().stream().mapToLong(FramePiece::bytes).sum();
            }
            installer.addEmptied(reading.of(frame));
            return 0;
        } catch (CorruptDataException | EOFException e) {
            throw new IOException(
                    packsOf(frame) + " of " + CheckpointMark.name(handle) + " is damaged; restore an older checkpoint",
                    e);
        }
    }

    /** Where a frame is, for messages. */
    static String packsOf(FramePlace frame) {
        return "the pack of frames "
                + frame.pieces().stream()
                        .map(piece -> piece.pack().name())
                        .distinct()
                        .collect(Collectors.joining(" or "));
    }

    /**
     * The frames that may have keys of these key groups, to be read when they are asked for; the others are there
     * without their records. Errors as {@link PackFrames#open}.
     *
     * @param localPacks where copies of the packs are to be kept, or null
     */
    PackFrames frames(KeyGroupRange wanted, LocalPacks localPacks) throws IOException {
        return PackFrames.open(
                metadata.image(), wanted, compression(), CheckpointMark.name(handle), localDirectory(), localPacks);
    }

    /** Bytes of the frames that may have keys of these key groups, as they are kept. */
    long bytes(KeyGroupRange wanted) {
        return metadata.image().frames().stream()
                .filter(frame -> frame.mayBelongTo(wanted))
                .flatMap(frame -> frame.pieces().stream())
                .mapToLong(FramePiece::bytes)
                .sum();
    }

    private StreamCompressionDecorator compression() {
        return states.isUsingKeyGroupCompression()
                ? SnappyStreamCompressionDecorator.INSTANCE
                : UncompressedStreamCompressionDecorator.INSTANCE;
    }

    /** Where copies of the packs are, or null. */
    private Path localDirectory() {
        return handle instanceof IncrementalLocalKeyedStateHandle local
                ? local.getDirectoryStateHandle().getDirectory()
                : null;
    }
}
