package io.holt.benchmarks.engine;

/** What a walk has seen: enough that it can be checked, and that no read can be left out by the compiler. */
public final class Tally {

    private long records;
    private long bytes;
    private long sum;

    /**
     * Notes a record.
     *
     * @param bytes the length of what was visited
     * @param sample some byte of it
     */
    public void add(int bytes, byte sample) {
        records++;
        this.bytes += bytes;
        sum += sample;
    }

    public void reset() {
        records = 0;
        bytes = 0;
        sum = 0;
    }

    public long records() {
        return records;
    }

    public long bytes() {
        return bytes;
    }

    /** The sum of all samples. */
    public long sum() {
        return sum;
    }
}
