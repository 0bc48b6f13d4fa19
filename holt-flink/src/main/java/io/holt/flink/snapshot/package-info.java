/** Checkpoints and savepoints: frozen trees in Flink's canonical format. */
package io.holt.flink.snapshot;
