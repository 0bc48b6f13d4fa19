/**
 * Kafka Streams' own stores beside Holt's: RocksDB, in memory, Holt. As Kafka Streams calls them, below the layers of
 * metering, caching and logging that it puts around all of them.
 */
package io.holt.benchmarks.kstreams;
