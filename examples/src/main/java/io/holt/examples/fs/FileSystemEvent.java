package io.holt.examples.fs;

/**
 * One change of one file. Immutable. {@link EventCodec} gives it as bytes.
 *
 * @param sequence position in the stream, from 0
 * @param module the file's module
 * @param path {@code /module/name/.../name}
 * @param directory the path up to its last slash, without it
 * @param size the file's bytes after the event
 * @param timestampMillis event time, since 1970; never less than that of the event before
 */
public record FileSystemEvent(
        long sequence, EventKind kind, String module, String path, String directory, long size, long timestampMillis) {}
