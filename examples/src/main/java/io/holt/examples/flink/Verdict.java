package io.holt.examples.flink;

import io.holt.examples.fs.FileSystemState;
import java.util.ArrayList;
import java.util.List;

/**
 * What is wrong with a run: nothing, if its result equals the independent computation and every kill happened and was
 * recovered from. Immutable.
 *
 * @param resultEqual whether the result is as it should be
 * @param complaints a sentence for each thing that is wrong, at most {@value #MOST_DIFFERENCES} of them about the result
 */
record Verdict(boolean resultEqual, List<String> complaints) {

    private static final int MOST_DIFFERENCES = 5;

    static Verdict of(RunReport report, FileSystemState expected) {
        String name = report.spec().backend().name();
        List<String> complaints = new ArrayList<>();
        for (String difference : report.state().differencesFrom(expected, MOST_DIFFERENCES)) {
            complaints.add(name + ": " + difference);
        }
        boolean equal = complaints.isEmpty();
        if (report.kills() != report.spec().kills()) {
            complaints.add(name + ": " + report.spec().kills() + " tasks should have been killed, and " + report.kills()
                    + " were");
        }
        if (report.recoveries() != report.kills()) {
            complaints.add(name + ": " + report.kills() + " tasks were killed, and the job went on from a checkpoint "
                    + report.recoveries() + " times");
        }
        return new Verdict(equal, List.copyOf(complaints));
    }

    boolean good() {
        return complaints.isEmpty();
    }
}
