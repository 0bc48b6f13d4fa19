package io.holt.benchmarks.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The splitmix64 generator of pseudo-random numbers, its state being the seed itself. For one thread. */
public final class SplitMix64 {

    /** The seed of the data sets; streams of operations add a small number to it. */
    public static final long SEED = 0xDEADBEEF_CAFEBABEL;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long state;

    public SplitMix64(long seed) {
        this.state = seed;
    }

    public long nextLong() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The upper half of the next 64 bits, to be read as unsigned. */
    public int nextInt() {
        return (int) (nextLong() >>> 32);
    }

    /**
     * The next 32 bits modulo {@code bound}, which is how a stream of operations picks a record.
     *
     * @param bound 1 or more
     */
    public int nextIndex(int bound) {
        return Integer.remainderUnsigned(nextInt(), bound);
    }

    /**
     * Fills an array with the next numbers, little-endian.
     *
     * @throws IllegalArgumentException unless its length is a multiple of 8
     */
    public void fill(byte[] bytes) {
        if (bytes.length % Long.BYTES != 0) {
            throw new IllegalArgumentException("fill takes whole groups of 8 bytes, not " + bytes.length + " bytes");
        }
        for (int offset = 0; offset < bytes.length; offset += Long.BYTES) {
            LONG.set(bytes, offset, nextLong());
        }
    }
}
