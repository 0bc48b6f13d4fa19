/**
 * Bytes off the heap: reading and writing them by address, searching in them, and where they come from.
 *
 * <p>Latency-critical paths: {@link io.holt.internal.memory.Memory} and
 * {@link io.holt.internal.memory.ByteSearch}; they allocate nothing and are inlined into the tree's loops.
 *
 * <p>Invariants:
 * <ul>
 *   <li><b>Addresses outlive their owners.</b> Address space once used for a slab or a buffer stays mapped, readable
 *       and writable, until the process ends. Freeing gives back the pages behind it and keeps the range for a later
 *       slab or buffer. So an optimistic reader with an old address reads garbage and never faults.
 *   <li><b>Padding.</b> At least 256 KiB behind the last frame of a slab, and behind each plain buffer, are readable:
 *       a length of up to so many bytes that was read torn doesn't lead out of the range.
 *   <li><b>I7.</b> Frames leased from a pool never number more than its slots, and pages behind a freed slab are
 *       given back: off-heap bytes in use don't exceed the budget, and are zero after close.
 * </ul>
 */
package io.holt.internal.memory;
