/** Who still sees old frames: live snapshots, and the pre-images of frames that changed since. */
package io.holt.internal.snapshot;
