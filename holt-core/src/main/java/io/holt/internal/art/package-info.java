/**
 * One frame's adaptive radix tree: find, insert, erase, scan, compact, divide. No clock, no lock, no I/O and no other
 * frame: each operation answers with a packed {@link io.holt.internal.art.Signal} when its path leaves the frame.
 *
 * <p>After V. Leis, A. Kemper, T. Neumann, "The Adaptive Radix Tree", ICDE 2013. Latency-critical: {@code ArtLookup},
 * {@code ArtInsert}, {@code ArtScan}, {@code Nodes}.
 */
package io.holt.internal.art;
