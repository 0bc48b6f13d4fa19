package io.holt.benchmarks.harness;

/** Operations that are measured in one JVM, one after the other. */
public enum OperationGroup {
    READ,
    WRITE,
    SCAN,
    LOAD
}
