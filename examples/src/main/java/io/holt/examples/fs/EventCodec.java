package io.holt.examples.fs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * An event as bytes, version {@value #VERSION}, little-endian. Threads: any.
 *
 * <pre>
 *  0         1         2             4             6             8
 *  +---------+---------+-------------+-------------+-------------+
 *  | version | kind    | module      | directory   | path        |
 *  |         |         | bytes, u16  | bytes, u16  | bytes, u16  |
 *  8---------+---------+-------------+-------------+-------------+
 *  | sequence, i64                                               |
 *  16------------------------------------------------------------+
 *  | timestamp, i64, milliseconds since 1970                     |
 *  24------------------------------------------------------------+
 *  | size, i64, bytes                                            |
 *  32------------------------------------------------------------+
 *  | path, UTF-8: a slash, the module, a slash, ...              |
 *  +-------------------------------------------------------------+
 * </pre>
 *
 * The directory is the path's first bytes and the module follows the path's first slash, so neither is written twice.
 */
public final class EventCodec {

    /** The version that {@link #encode} writes, and the only one that {@link #decode} reads. */
    public static final byte VERSION = 1;

    /** The most bytes of a path. */
    public static final int MAX_PATH_BYTES = 0xFFFF;

    static final int VERSION_OFFSET = 0;
    static final int KIND_OFFSET = VERSION_OFFSET + 1;
    static final int MODULE_LENGTH_OFFSET = KIND_OFFSET + 1;
    static final int DIRECTORY_LENGTH_OFFSET = MODULE_LENGTH_OFFSET + Short.BYTES;
    static final int PATH_LENGTH_OFFSET = DIRECTORY_LENGTH_OFFSET + Short.BYTES;
    static final int SEQUENCE_OFFSET = PATH_LENGTH_OFFSET + Short.BYTES;
    static final int TIMESTAMP_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
    static final int SIZE_OFFSET = TIMESTAMP_OFFSET + Long.BYTES;
    static final int PATH_OFFSET = SIZE_OFFSET + Long.BYTES;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private EventCodec() {}

    /**
     * The event's bytes, a new array.
     *
     * @throws EventFormatException if the path has more than {@value #MAX_PATH_BYTES} bytes, or does not begin with the
     *     directory, or with a slash and the module
     */
    public static byte[] encode(FileSystemEvent event) {
        byte[] path = event.path().getBytes(StandardCharsets.UTF_8);
        if (path.length > MAX_PATH_BYTES) {
            throw new EventFormatException("event " + event.sequence() + ": a path has at most " + MAX_PATH_BYTES
                    + " bytes of UTF-8, not " + path.length);
        }
        if (!event.path().startsWith(event.directory()) || !event.path().startsWith(event.module(), 1)) {
            throw new EventFormatException("event " + event.sequence() + ": the path '" + event.path()
                    + "' lies not in directory '" + event.directory() + "' of module '" + event.module() + "'");
        }
        byte[] bytes = new byte[PATH_OFFSET + path.length];
        bytes[VERSION_OFFSET] = VERSION;
        bytes[KIND_OFFSET] = event.kind().code();
        SHORT.set(bytes, MODULE_LENGTH_OFFSET, (short) utf8Length(event.module(), event.path(), path.length));
        SHORT.set(bytes, DIRECTORY_LENGTH_OFFSET, (short) utf8Length(event.directory(), event.path(), path.length));
        SHORT.set(bytes, PATH_LENGTH_OFFSET, (short) path.length);
        LONG.set(bytes, SEQUENCE_OFFSET, event.sequence());
        LONG.set(bytes, TIMESTAMP_OFFSET, event.timestampMillis());
        LONG.set(bytes, SIZE_OFFSET, event.size());
        System.arraycopy(path, 0, bytes, PATH_OFFSET, path.length);
        return bytes;
    }

    /**
     * The event that was encoded in exactly these bytes.
     *
     * @throws EventFormatException if they are of another version or were not written by {@link #encode}
     */
    public static FileSystemEvent decode(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        if (bytes.length < PATH_OFFSET) {
            throw new EventFormatException(
                    "an event has at least " + PATH_OFFSET + " bytes, and here are " + bytes.length);
        }
        if (bytes[VERSION_OFFSET] != VERSION) {
            throw new EventFormatException("events of version " + bytes[VERSION_OFFSET]
                    + " are unknown here, only version " + VERSION + "; read them with the program that wrote them");
        }
        EventKind kind = EventKind.ofCode(bytes[KIND_OFFSET]);
        if (kind == null) {
            throw new EventFormatException("no kind of event has the code " + bytes[KIND_OFFSET]);
        }
        int moduleBytes = Short.toUnsignedInt((short) SHORT.get(bytes, MODULE_LENGTH_OFFSET));
        int directoryBytes = Short.toUnsignedInt((short) SHORT.get(bytes, DIRECTORY_LENGTH_OFFSET));
        int pathBytes = Short.toUnsignedInt((short) SHORT.get(bytes, PATH_LENGTH_OFFSET));
        if (PATH_OFFSET + pathBytes != bytes.length || directoryBytes > pathBytes || moduleBytes + 1 > pathBytes) {
            throw new EventFormatException("lengths of path (" + pathBytes + "), directory (" + directoryBytes
                    + ") and module (" + moduleBytes + ") do not fit an event of " + bytes.length + " bytes");
        }
        return new FileSystemEvent(
                (long) LONG.get(bytes, SEQUENCE_OFFSET),
                kind,
                new String(bytes, PATH_OFFSET + 1, moduleBytes, StandardCharsets.UTF_8),
                new String(bytes, PATH_OFFSET, pathBytes, StandardCharsets.UTF_8),
                new String(bytes, PATH_OFFSET, directoryBytes, StandardCharsets.UTF_8),
                (long) LONG.get(bytes, SIZE_OFFSET),
                (long) LONG.get(bytes, TIMESTAMP_OFFSET));
    }

    // Nearly all paths are ASCII: then a part has as many bytes as characters, as the whole has.
    private static int utf8Length(String part, String path, int pathBytes) {
        return path.length() == pathBytes ? part.length() : part.getBytes(StandardCharsets.UTF_8).length;
    }
}
