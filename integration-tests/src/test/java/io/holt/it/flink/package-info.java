/** Flink as processes and in containers, with Holt as it is put into a cluster's class path. */
package io.holt.it.flink;
