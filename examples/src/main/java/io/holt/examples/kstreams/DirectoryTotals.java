package io.holt.examples.kstreams;

import io.holt.examples.fs.ListingDigest;

/**
 * What the processor keeps of a directory. Immutable.
 *
 * @param files how many files are in it
 * @param bytes their sizes together
 * @param events how many events it had
 * @param lastEventMillis event time of the last one
 * @param listingDigest of all listings of it, see {@link ListingDigest}
 */
record DirectoryTotals(long files, long bytes, long events, long lastEventMillis, long listingDigest) {

    static final DirectoryTotals NONE = new DirectoryTotals(0, 0, 0, 0, 0);

    /** After one more event, which changed the directory by so much. */
    DirectoryTotals changed(long filesDelta, long bytesDelta, long eventMillis) {
        return new DirectoryTotals(files + filesDelta, bytes + bytesDelta, events + 1, eventMillis, listingDigest);
    }

    /** After a listing whose shares add up to {@code sum}. */
    DirectoryTotals listed(long sum) {
        return new DirectoryTotals(files, bytes, events, lastEventMillis, ListingDigest.append(listingDigest, sum));
    }
}
