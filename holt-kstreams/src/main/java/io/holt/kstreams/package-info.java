/** Holt as a state store of Kafka Streams. */
package io.holt.kstreams;
