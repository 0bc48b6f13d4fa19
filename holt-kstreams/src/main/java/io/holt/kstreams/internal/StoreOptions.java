package io.holt.kstreams.internal;

import io.holt.api.IoEngineKind;
import io.holt.kstreams.HoltStoreConfig;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;

/**
 * The options of an application's stores, checked.
 *
 * @param memory how much the stores of the process share
 * @param ioEngine how they read and write their files
 */
record StoreOptions(MemorySetting memory, IoEngineKind ioEngine) {

    private static final String PREFIX = "holt.";
    private static final Set<String> KNOWN =
            Set.of(HoltStoreConfig.MEMORY_BYTES_CONFIG, HoltStoreConfig.IO_ENGINE_CONFIG);

    /**
     * Reads the options.
     *
     * @throws ConfigException if one that begins with {@code holt.} is unknown or can't be used
     */
    static StoreOptions of(Map<String, ?> configs) {
        for (String name : configs.keySet()) {
            if (name.startsWith(PREFIX) && !KNOWN.contains(name)) {
                throw new ConfigException("There is no option " + name + "; those of Holt's stores are "
                        + KNOWN.stream().sorted().collect(Collectors.joining(" and ")) + "; no store was opened");
            }
        }
        return new StoreOptions(MemorySetting.of(configs), ioEngine(configs.get(HoltStoreConfig.IO_ENGINE_CONFIG)));
    }

    private static IoEngineKind ioEngine(Object value) {
        if (value == null) {
            return IoEngineKind.AUTO;
        }
        for (IoEngineKind kind : IoEngineKind.values()) {
            if (label(kind).equals(String.valueOf(value).trim())) {
                return kind;
            }
        }
        throw new ConfigException(
                HoltStoreConfig.IO_ENGINE_CONFIG,
                value,
                "give one of "
                        + Arrays.stream(IoEngineKind.values())
                                .map(StoreOptions::label)
                                .collect(Collectors.joining(", "))
                        + ", or leave the option out; no store was opened");
    }

    private static String label(IoEngineKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
