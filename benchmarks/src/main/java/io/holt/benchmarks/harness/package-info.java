/** Measures operations on engines, each group of them in a JVM of its own, and writes what it measured to files. */
package io.holt.benchmarks.harness;
