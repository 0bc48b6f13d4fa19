package io.holt.benchmarks.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** The operations that must not allocate. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-Xmn32m", "-XX:+UseSerialGC"})
public class TreeBenchmark {

    @Benchmark
    public int get(EngineState state) {
        return state.get();
    }

    @Benchmark
    public int getMany(EngineState state) {
        return state.getMany();
    }

    @Benchmark
    public long visit(EngineState state) {
        return state.visit();
    }

    @Benchmark
    public void put(EngineState state) {
        state.put();
    }

    @Benchmark
    public int cursorStep(EngineState state) {
        return state.step();
    }
}
