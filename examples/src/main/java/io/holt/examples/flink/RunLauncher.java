package io.holt.examples.flink;

/** How a run is carried out: in a process of its own, or in this one. */
interface RunLauncher {

    /**
     * Carries the run out to its end.
     *
     * @throws RunFailedException if the job failed, other than by the planned kills
     */
    RunReport launch(RunSpec spec) throws RunFailedException, InterruptedException;
}
