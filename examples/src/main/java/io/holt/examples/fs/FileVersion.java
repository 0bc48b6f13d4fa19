package io.holt.examples.fs;

import java.io.Serializable;

/**
 * The newest version of a file that exists. Immutable.
 *
 * @param path the file's path
 * @param version 1 when created, one more with each resize
 * @param size bytes
 * @param timestampMillis event time of that version
 */
public record FileVersion(String path, long version, long size, long timestampMillis) implements Serializable {}
