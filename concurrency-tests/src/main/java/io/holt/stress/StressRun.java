package io.holt.stress;

import java.util.Set;
import java.util.TreeSet;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs the tests with jcstress's own options, {@code -h} lists them. Unlike its own main class this one takes a test
 * that did not run for a failure: there such a test is skipped and counts as nothing.
 */
public final class StressRun {

    private StressRun() {}

    /**
     * Ends with an exception, and so with exit code 1, if a forbidden outcome was seen or a test did not run.
     *
     * @throws Exception as jcstress does if a test failed
     */
    public static void main(String[] args) throws Exception {
        Options options = new Options(args);
        if (!options.parse()) {
            System.exit(1);
        }
        new JCStress(options).run();
        Set<String> missing = new TreeSet<>(TestList.tests());
        if (options.getTestFilter() != null) {
            missing.removeIf(name -> !name.matches(".*" + options.getTestFilter() + ".*"));
        }
        InProcessCollector results = new InProcessCollector();
        DiskReadCollector file = new DiskReadCollector(options.getResultFile(), results);
        file.dump();
        file.close();
        for (TestResult result : results.getTestResults()) {
            if (result.status() != Status.NORMAL) {
                throw new IllegalStateException(result.getName() + " did not run: " + result.status() + ", "
                        + result.getMessages() + result.getVmErr());
            }
            missing.remove(result.getName());
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("no result of " + missing);
        }
    }
}
