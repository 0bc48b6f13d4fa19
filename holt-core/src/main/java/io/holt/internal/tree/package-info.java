/**
 * Walking across frames: reading, writing, scanning, dividing frames and freeing subtrees.
 *
 * <p>Latency-critical: {@code Descent}, {@code TreeReader}, {@code TreeWriter}, {@code TreeCursor}.
 */
package io.holt.internal.tree;
