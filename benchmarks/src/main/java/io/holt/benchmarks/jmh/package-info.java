/** Benchmarks by JMH: what an operation allocates, and profiles. */
package io.holt.benchmarks.jmh;
