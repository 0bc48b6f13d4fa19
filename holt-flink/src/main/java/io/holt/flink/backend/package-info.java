/** The keyed state backend: a database, its states, its snapshots, and how it is built and restored. */
package io.holt.flink.backend;
