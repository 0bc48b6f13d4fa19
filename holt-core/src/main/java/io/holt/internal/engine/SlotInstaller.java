package io.holt.internal.engine;

import io.holt.internal.buffer.BufferManager;
import io.holt.internal.checkpoint.ImageCatalog;
import io.holt.internal.checkpoint.ImageIntake;
import io.holt.internal.memory.Memory;

/** Installers that read each frame to the slot of the memory budget where it stays. */
abstract class SlotInstaller extends IntakeInstaller implements ImageIntake.Target {

    final BufferManager buffers;
    private final ImageIntake intake;
    private long latchWord;

    SlotInstaller(ImageCatalog catalog, BufferManager buffers) {
        this.buffers = buffers;
        this.intake = new ImageIntake(catalog, this);
    }

    @Override
    final ImageIntake intake() {
        return intake;
    }

    @Override
    public final long begin() {
        long address = buffers.lease("installing a frame of an image");
        latchWord = Memory.getLong(address);
        return address;
    }

    @Override
    public void accept(int blobId, long address) {
        Memory.putLong(address, latchWord);
        drop(blobId);
        buffers.publish(blobId, address);
    }

    @Override
    public final void reject(long address) {
        buffers.release(address);
    }
}
