/** Frames in memory: where each blob is, how slots are taken and given back, what changed since the last checkpoint. */
package io.holt.internal.buffer;
