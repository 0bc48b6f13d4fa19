/**
 * The main example: a Flink job that keeps a file system's metadata as keyed state, is killed and recovers, and has its
 * result checked, on several state backends one after the other.
 */
package io.holt.examples.flink;
