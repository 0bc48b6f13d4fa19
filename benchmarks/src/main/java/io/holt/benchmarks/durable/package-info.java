/** What durability costs: logged puts, checkpoints, reopening, replay, and the I/O engines beside each other. */
package io.holt.benchmarks.durable;
