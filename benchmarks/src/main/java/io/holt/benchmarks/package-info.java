/** Benchmarks of Holt beside RocksDB, LMDB and the maps of the JDK. */
package io.holt.benchmarks;
