/** Holt as a state backend of Flink. */
package io.holt.flink;
