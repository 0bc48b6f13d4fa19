/** What the bytes of a state tree mean, and which tree holds which state. */
package io.holt.flink.layout;
