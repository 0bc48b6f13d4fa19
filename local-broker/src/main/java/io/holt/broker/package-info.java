/** A Kafka broker for programs and tests that need a real one on this machine; no part of Holt. */
package io.holt.broker;
