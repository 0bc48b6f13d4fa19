/**
 * How the stores are made. From the ground up: {@code CommitRecord} (what a commit writes beside the data),
 * {@code MemorySetting} and {@code ProcessDatabases} (one memory budget, many databases), {@code OpenStore} (one
 * store's database while it is open, with its iterators), {@code HoltKeyValueStore} (Kafka's contract on top).
 */
package io.holt.kstreams.internal;
