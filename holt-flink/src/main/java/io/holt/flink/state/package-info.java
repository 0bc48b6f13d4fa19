/** Flink's keyed states on trees. */
package io.holt.flink.state;
