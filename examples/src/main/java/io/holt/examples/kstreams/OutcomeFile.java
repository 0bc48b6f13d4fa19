package io.holt.examples.kstreams;

import io.holt.examples.fs.DirectoryState;
import io.holt.examples.fs.FileSystemState;
import io.holt.examples.fs.FileVersion;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The contents of the stores on their way from the application to whoever checks them. */
final class OutcomeFile {

    private static final int END = 0;
    private static final int DIRECTORY = 1;
    private static final int FILE = 2;

    private OutcomeFile() {}

    /** Writes the file; a file that was not closed can't be read. */
    static final class Writer implements AutoCloseable {
        private final DataOutputStream out;

        Writer(Path file) throws IOException {
            out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
        }

        void write(DirectoryState directory) throws IOException {
            out.writeByte(DIRECTORY);
            out.writeUTF(directory.directory());
            out.writeLong(directory.files());
            out.writeLong(directory.bytes());
            out.writeLong(directory.events());
            out.writeLong(directory.lastEventMillis());
            out.writeLong(directory.listingDigest());
        }

        void write(FileVersion file) throws IOException {
            out.writeByte(FILE);
            out.writeUTF(file.path());
            out.writeLong(file.version());
            out.writeLong(file.size());
            out.writeLong(file.timestampMillis());
        }

        @Override
        public void close() throws IOException {
            try (out) {
                out.writeByte(END);
            }
        }
    }

    /**
     * Reads what was written.
     *
     * @throws IOException if the file can't be read or has no end
     * @throws IllegalStateException if it names something twice
     */
    static FileSystemState read(Path file) throws IOException {
        FileSystemState state = new FileSystemState();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (true) {
                int what = in.readByte();
                switch (what) {
                    case END -> {
                        return state;
                    }
                    case DIRECTORY ->
                        state.add(new DirectoryState(
                                in.readUTF(),
                                in.readLong(),
                                in.readLong(),
                                in.readLong(),
                                in.readLong(),
                                in.readLong()));
                    case FILE -> state.add(new FileVersion(in.readUTF(), in.readLong(), in.readLong(), in.readLong()));
                    default -> throw new IOException(file + " has an entry of unknown kind " + what);
                }
            }
        }
    }
}
