/** The operations of Flink's state benchmarks on keyed state backends. */
package io.holt.benchmarks.flink;
