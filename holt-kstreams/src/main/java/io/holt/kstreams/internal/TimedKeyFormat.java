package io.holt.kstreams.internal;

/** Where the keys of a store of windows or sessions have their times. */
interface TimedKeyFormat {

    /** The time, in milliseconds, by which the record of a key of the tree of data expires. */
    long time(byte[] key);

    /** The key in the tree in order of time of a key in the tree of data. */
    byte[] toTimes(byte[] key);
}
