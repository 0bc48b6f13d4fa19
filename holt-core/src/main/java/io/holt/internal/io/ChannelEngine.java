package io.holt.internal.io;

import io.holt.api.IoEngineKind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@link FileChannel}: any operating system, always through the page cache. A request makes a small object on the
 * heap, the view of its memory.
 */
final class ChannelEngine extends HostEngine {

    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

    @Override
    public IoEngineKind kind() {
        return IoEngineKind.CHANNEL;
    }

    @Override
    public IoFile open(Path file, OpenMode mode, Caching caching) {
        return ChannelFile.open(file, mode);
    }

    @Override
    public void syncDirectory(Path directory) {
        if (WINDOWS) {
            // It has no such call: NTFS logs its directories itself.
            return;
        }
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw IoFailures.ofCall("fsync", directory, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {}
}
