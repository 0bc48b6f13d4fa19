package io.holt.examples.fs;

import java.io.Serializable;

/**
 * What is known of a directory since it was first seen, or was seen again after it had been forgotten. Immutable.
 *
 * @param directory its path
 * @param files how many files are in it
 * @param bytes their sizes together
 * @param events how many events it had
 * @param lastEventMillis event time of the last one
 * @param listingDigest of all listings of it, see {@link ListingDigest}
 */
public record DirectoryState(
        String directory, long files, long bytes, long events, long lastEventMillis, long listingDigest)
        implements Serializable {}
