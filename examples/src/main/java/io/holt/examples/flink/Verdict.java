package io.holt.examples.flink;

import io.holt.examples.fs.FileSystemState;
import java.util.ArrayList;
import java.util.List;

/**
 * A run and what is wrong with it: nothing, if its result equals the independent computation and every kill
 * happened and was recovered from. Immutable.
 *
 * @param report of the run
 * @param resultEqual whether the result is as it should be
 * @param complaints a sentence for each thing that is wrong, the first few only where the result differs
 */
record Verdict(RunReport report, boolean resultEqual, List<String> complaints) {

    private static final int MOST_DIFFERENCES = 5;

    /** The verdict on a run in which tasks should have been killed so many times. */
    static Verdict of(RunReport report, FileSystemState expected, int plannedKills) {
        String name = report.spec().backend().name();
        List<String> complaints = new ArrayList<>();
        for (String difference : report.state().differencesFrom(expected, MOST_DIFFERENCES)) {
            complaints.add(name + ": " + difference);
        }
        boolean equal = complaints.isEmpty();
        if (report.kills() != plannedKills) {
            complaints.add(name + ": tasks were killed " + report.kills() + " times, not " + plannedKills);
        }
        if (report.recoveries() != report.kills()) {
            complaints.add(name + ": tasks were killed " + report.kills()
                    + " times, and the job went on from a checkpoint " + report.recoveries() + " times");
        }
        return new Verdict(report, equal, List.copyOf(complaints));
    }
}
