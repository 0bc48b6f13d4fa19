/** Memory to disk, in order: what a frame looks like there, and how a checkpoint becomes visible at once. */
package io.holt.internal.checkpoint;
