package io.holt.kstreams;

import io.holt.api.IoEngineKind;
import java.util.Objects;
import org.apache.kafka.common.config.ConfigException;

/**
 * The options of one store, for a {@link HoltConfigSetter} to change. The memory is not among them: all stores of the
 * process share it. Threads: for use by one at a time.
 */
public final class HoltStoreSettings {

    /** Most records that an iterator can read ahead. */
    public static final int MAX_ITERATOR_READ_AHEAD = 1_024;

    private IoEngineKind ioEngine;
    private int iteratorReadAhead;

    /** Made by a store that opens, from the application's options. */
    public HoltStoreSettings(IoEngineKind ioEngine, int iteratorReadAhead) {
        setIoEngine(ioEngine);
        setIteratorReadAhead(iteratorReadAhead);
    }

    /** See {@link HoltStoreConfig#IO_ENGINE_CONFIG}. */
    public IoEngineKind ioEngine() {
        return ioEngine;
    }

    /** As {@link HoltStoreConfig#IO_ENGINE_CONFIG}, for this store. */
    public void setIoEngine(IoEngineKind kind) {
        ioEngine = Objects.requireNonNull(kind, "kind cannot be null");
    }

    /** See {@link HoltStoreConfig#ITERATOR_READ_AHEAD_CONFIG}. */
    public int iteratorReadAhead() {
        return iteratorReadAhead;
    }

    /**
     * As {@link HoltStoreConfig#ITERATOR_READ_AHEAD_CONFIG}, for this store.
     *
     * @param records 1 to {@value #MAX_ITERATOR_READ_AHEAD}
     * @throws ConfigException if there are fewer or more; the settings are as they were
     */
    public void setIteratorReadAhead(int records) {
        if (records < 1 || records > MAX_ITERATOR_READ_AHEAD) {
            throw new ConfigException(
                    HoltStoreConfig.ITERATOR_READ_AHEAD_CONFIG,
                    records,
                    "give a number of records from 1 to " + MAX_ITERATOR_READ_AHEAD
                            + ", or leave the option out; the store was not opened");
        }
        iteratorReadAhead = records;
    }
}
