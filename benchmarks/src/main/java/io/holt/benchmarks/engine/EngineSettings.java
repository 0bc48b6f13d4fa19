package io.holt.benchmarks.engine;

import java.nio.file.Path;

/**
 * What an engine is opened with.
 *
 * @param memoryBytes Holt's budget, RocksDB's block cache
 * @param directory exists and is empty; for engines with files
 */
public record EngineSettings(long memoryBytes, Path directory) {}
