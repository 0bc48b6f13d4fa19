package io.holt.flink.backend;

import io.holt.api.FrameSource;
import io.holt.flink.snapshot.FramePiece;
import io.holt.flink.snapshot.FramePlace;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import org.apache.flink.runtime.state.StreamCompressionDecorator;

/** The pieces of one frame after the other, out of their packs. For one thread. */
final class FrameReading implements FrameSource.Reading {

    private final PackStreams packs;
    private final StreamCompressionDecorator compression;
    private Iterator<FramePiece> pieces;
    private InputStream piece;

    FrameReading(PackStreams packs, StreamCompressionDecorator compression) {
        this.packs = packs;
        this.compression = compression;
    }

    /** Begins with the first piece of a frame. */
    FrameReading of(FramePlace frame) {
        pieces = frame.pieces().iterator();
        return this;
    }

    @Override
    public InputStream next() throws IOException {
        close();
        if (!pieces.hasNext()) {
            return null;
        }
        FramePiece next = pieces.next();
        piece = compression.decorateWithCompression(packs.at(next.pack(), next.offset()));
        return piece;
    }

    @Override
    public void close() throws IOException {
        if (piece != null) {
            InputStream last = piece;
            piece = null;
            last.close();
        }
    }
}
