/**
 * A Kafka Streams application that keeps the metadata of a file system in Holt stores, on a real broker, is killed and
 * starts again: {@code ./demo kstreams}.
 */
package io.holt.examples.kstreams;
