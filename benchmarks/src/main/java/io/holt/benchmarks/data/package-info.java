/**
 * The records and the order of operations that every engine is measured with: the same bytes on every machine and in
 * every language, from one seed.
 */
package io.holt.benchmarks.data;
