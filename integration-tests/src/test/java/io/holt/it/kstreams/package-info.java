/** Kafka Streams applications in processes of their own on a real broker, killed and started again. */
package io.holt.it.kstreams;
