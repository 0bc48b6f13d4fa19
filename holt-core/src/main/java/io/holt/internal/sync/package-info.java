/** Who may touch the bytes: the latch in each frame, the gate before all writers, the clock of epochs. */
package io.holt.internal.sync;
