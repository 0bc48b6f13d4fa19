package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.OperationStream;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.engine.EngineKind;
import io.holt.benchmarks.engine.EngineSettings;
import io.holt.benchmarks.engine.KeyValueEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** An engine that can be had anew, empty or with a data set in it, as often as one likes. For one thread. */
final class LoadedEngine implements AutoCloseable {

    private static final long MIN_MEMORY_BYTES = 256L << 20;
    private static final int SAMPLES = 1_000;

    private final EngineKind kind;
    private final Dataset dataset;
    private final Path work;
    private final long memoryBytes;
    private KeyValueEngine engine;
    private Path directory;
    private boolean loaded;

    LoadedEngine(EngineKind kind, Dataset dataset, Path work) {
        this.kind = kind;
        this.dataset = dataset;
        this.work = work;
        this.memoryBytes = memoryBytes(dataset.bytes());
    }

    /** Four times the data, so that a snapshot's copies of everything fit in. */
    static long memoryBytes(long dataBytes) {
        return Math.max(MIN_MEMORY_BYTES, 4 * dataBytes);
    }

    /** The engine with the data set in it, made anew unless it is there and unchanged. */
    KeyValueEngine loaded() {
        if (!loaded) {
            empty().load(dataset, null);
            engine.settle();
            loaded = true;
            verify();
        }
        return engine;
    }

    /** A new engine without records. */
    KeyValueEngine empty() {
        discard();
        try {
            directory = Files.createTempDirectory(work, kind.label());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        engine = kind.open(new EngineSettings(memoryBytes, directory));
        return engine;
    }

    /**
     * Compares some values with what they must be.
     *
     * @throws WrongAnswerException if one is another
     */
    void verify() {
        SplitMix64 random = new SplitMix64(OperationStream.SCALE_GET.seed());
        byte[] target = new byte[1 << 16];
        long equal = 0;
        for (int i = 0; i < SAMPLES; i++) {
            int index = random.nextIndex(dataset.records());
            byte[] value = dataset.value(index);
            int length = engine.get(dataset.key(index), target);
            equal += length == value.length && Arrays.equals(target, 0, length, value, 0, length) ? 1 : 0;
        }
        WrongAnswerException.check(kind.label() + ": right values in a sample", SAMPLES, equal);
    }

    @Override
    public void close() {
        discard();
    }

    /** Closes the engine, if there is one, and removes its files; the next one is a new one. */
    void discard() {
        if (engine == null) {
            return;
        }
        engine.close();
        engine = null;
        loaded = false;
        try {
            FileTrees.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
