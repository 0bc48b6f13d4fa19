package io.holt.examples.fs;

import java.io.Serializable;

/**
 * A directory that was forgotten because nothing happened in it. Immutable.
 *
 * @param state what was known of it then
 * @param expiredAtMillis event time at which it had been idle for long enough
 */
public record ExpiredDirectory(DirectoryState state, long expiredAtMillis) implements Serializable {}
