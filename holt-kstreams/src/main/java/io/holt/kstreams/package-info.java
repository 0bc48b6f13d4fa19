/**
 * Holt as a state store of Kafka Streams: {@link io.holt.kstreams.HoltStores} makes the suppliers,
 * {@link io.holt.kstreams.HoltStoreConfig} names the options.
 */
package io.holt.kstreams;
