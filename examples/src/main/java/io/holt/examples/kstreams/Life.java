package io.holt.examples.kstreams;

/**
 * One life of the application, from its start to its end.
 *
 * @param runningMillis from the start of its process until all its tasks ran
 * @param restored records that it read from the changelogs before that
 * @param changelogRecords records that the changelogs had when it started
 * @param events how many it processed and committed
 * @param processingMillis how long it took for them
 * @param commits how many
 * @param cpuMillis CPU time of its process, from its start
 */
record Life(
        long runningMillis,
        long restored,
        long changelogRecords,
        long events,
        long processingMillis,
        long commits,
        long cpuMillis) {}
