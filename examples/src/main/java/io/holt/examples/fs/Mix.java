package io.holt.examples.fs;

/** The one source of chance in the event stream: the finalizer of SplitMix64. */
final class Mix {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private Mix() {}

    /** A bijection of 64-bit numbers in which each input bit changes about half of the output bits. */
    static long mix(long value) {
        long z = value + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    static long mix(long first, long second) {
        return mix(mix(first) + second);
    }

    /** A number in {@code [0, bound)} out of the bits of {@code hash}. */
    static long below(long hash, long bound) {
        return Math.floorMod(hash, bound);
    }
}
