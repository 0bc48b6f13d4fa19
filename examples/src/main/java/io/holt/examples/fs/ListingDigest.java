package io.holt.examples.fs;

/**
 * What a listing of a directory leaves behind: a number that depends on each entry's path and size, and on all listings
 * before it, but not on the order in which a listing meets its entries.
 */
public final class ListingDigest {

    private ListingDigest() {}

    /** An entry's share: the shares of one listing are added up, wrapping. */
    public static long entry(String path, long size) {
        return Mix.mix(path.hashCode(), size);
    }

    /** The digest after one more listing, whose shares add up to {@code sum}; before the first listing it is 0. */
    public static long append(long digest, long sum) {
        return Mix.mix(digest, sum);
    }
}
