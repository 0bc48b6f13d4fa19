package io.holt.flink.backend;

import io.holt.api.FrameSource;
import io.holt.flink.snapshot.FramePiece;
import io.holt.flink.snapshot.FramePlace;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;

/** The pieces of one frame after the other, out of their packs. For one thread. */
final class FrameReading implements FrameSource.Reading {

    private final PackStreams packs;
    private final StreamCompressionDecorator compression;
    private final boolean isPlain;
    private Iterator<FramePiece> pieces;
    private InputStream piece;

    FrameReading(PackStreams packs, StreamCompressionDecorator compression) {
        this.packs = packs;
        this.compression = compression;
        this.isPlain = compression instanceof UncompressedStreamCompressionDecorator;
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
        InputStream local = packs.local(next);
        if (local != null && isPlain) {
            // Not wrapped, so that it can be read straight to where it belongs.
            piece = local;
        } else {
            InputStream kept = local == null ? packs.at(next.pack(), next.offset()) : local;
            piece = compression.decorateWithCompression(kept);
        }
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
