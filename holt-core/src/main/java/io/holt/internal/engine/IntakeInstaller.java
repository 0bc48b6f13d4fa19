package io.holt.internal.engine;

import io.holt.api.FrameDigest;
import io.holt.api.ImageInstaller;
import io.holt.internal.checkpoint.ImageIntake;
import java.io.IOException;
import java.io.InputStream;

/** What installers have in common wherever the frames go: they collect them until they are finished or closed. */
abstract class IntakeInstaller implements ImageInstaller {

    private boolean done;

    abstract ImageIntake intake();

    /** Lets go of everything; called once, and not if {@link #end} was. */
    abstract void discard();

    @Override
    public final boolean addFrame(InputStream in) throws IOException {
        checkNotDone();
        return intake().add(in);
    }

    @Override
    public final boolean addEmptied(InputStream in) throws IOException {
        checkNotDone();
        return intake().addEmptied(in);
    }

    @Override
    public final boolean addFrame(FramePieces pieces) throws IOException {
        checkNotDone();
        return intake().add(pieces);
    }

    @Override
    public final boolean addEmptied(FramePieces pieces) throws IOException {
        checkNotDone();
        return intake().addEmptied(pieces);
    }

    @Override
    public final int addFrames(InputStream in) throws IOException {
        checkNotDone();
        return intake().addAll(in);
    }

    @Override
    public final FrameDigest digest(int blobId) {
        checkNotDone();
        return intake().digest(blobId);
    }

    final void checkNotDone() {
        if (done) {
            throw new IllegalStateException("the installer was finished or closed");
        }
    }

    /** What was collected belongs to someone else from now on. */
    final void end() {
        done = true;
    }

    @Override
    public final void close() {
        if (!done) {
            done = true;
            discard();
        }
    }
}
