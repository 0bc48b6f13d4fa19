package io.holt.benchmarks.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What every measuring JVM is told. */
public final class ChildOptions {

    @Option(names = "--quick")
    private boolean quick;

    @Option(names = "--work", required = true)
    private Path work;

    @Option(names = "--out", required = true)
    private Path out;

    public boolean quick() {
        return quick;
    }

    public Effort effort() {
        return quick ? Effort.QUICK : Effort.FULL;
    }

    /** Where engines put their files. */
    public Path work() {
        return work;
    }

    /** Hands the results to the JVM that started this one. */
    public void write(List<ResultRow> rows) throws IOException {
        ResultFile.write(out, rows);
    }
}
