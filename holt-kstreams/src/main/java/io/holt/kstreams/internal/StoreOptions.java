package io.holt.kstreams.internal;

import io.holt.api.IoEngineKind;
import io.holt.kstreams.HoltConfigSetter;
import io.holt.kstreams.HoltStoreConfig;
import io.holt.kstreams.HoltStoreSettings;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Utils;

/**
 * The options of a store, checked.
 *
 * @param memory how much the stores of the process share
 * @param ioEngine how the store reads and writes its files
 * @param iteratorReadAhead how many records an iterator reads ahead at most
 */
public record StoreOptions(MemorySetting memory, IoEngineKind ioEngine, int iteratorReadAhead) {

    private static final String PREFIX = "holt.";
    private static final Set<String> KNOWN = Set.of(
            HoltStoreConfig.MEMORY_BYTES_CONFIG,
            HoltStoreConfig.IO_ENGINE_CONFIG,
            HoltStoreConfig.ITERATOR_READ_AHEAD_CONFIG,
            HoltStoreConfig.CONFIG_SETTER_CONFIG);

    /**
     * Reads the options of the application, and has its {@link HoltConfigSetter} change them for a store.
     *
     * @throws ConfigException if one that begins with {@code holt.} is unknown or can't be used, or the setter fails
     */
    static StoreOptions of(String storeName, Map<String, Object> configs) {
        for (String name : configs.keySet()) {
            if (name.startsWith(PREFIX) && !KNOWN.contains(name)) {
                throw new ConfigException("There is no option " + name + "; those of Holt's stores are "
                        + KNOWN.stream().sorted().collect(Collectors.joining(", ")) + "; no store was opened");
            }
        }
        MemorySetting memory = MemorySetting.of(configs);
        HoltStoreSettings settings = new HoltStoreSettings(
                ioEngine(configs.get(HoltStoreConfig.IO_ENGINE_CONFIG)),
                readAhead(configs.get(HoltStoreConfig.ITERATOR_READ_AHEAD_CONFIG)));
        Object setter = configs.get(HoltStoreConfig.CONFIG_SETTER_CONFIG);
        if (setter != null) {
            set(setter(setter), storeName, settings, configs);
        }
        return new StoreOptions(memory, settings.ioEngine(), settings.iteratorReadAhead());
    }

    private static int readAhead(Object value) {
        if (value == null) {
            return HoltStoreConfig.DEFAULT_ITERATOR_READ_AHEAD;
        }
        try {
            return Integer.parseInt(String.valueOf(value).trim());
        } catch (NumberFormatException e) {
            throw because(
                    e,
                    new ConfigException(
                            HoltStoreConfig.ITERATOR_READ_AHEAD_CONFIG,
                            value,
                            "give a number of records from 1 to " + HoltStoreSettings.MAX_ITERATOR_READ_AHEAD
                                    + ", or leave the option out; no store was opened"));
        }
    }

    private static HoltConfigSetter setter(Object value) {
        try {
            Object made = switch (value) {
                case HoltConfigSetter setter -> setter;
                case Class<?> type -> Utils.newInstance(type);
                default -> Utils.newInstance(String.valueOf(value).trim(), Object.class);
            };
            if (made instanceof HoltConfigSetter setter) {
                return setter;
            }
            throw noSetter(value);
        } catch (ClassNotFoundException | RuntimeException e) {
            throw e instanceof ConfigException already ? already : because(e, noSetter(value));
        }
    }

    private static ConfigException noSetter(Object value) {
        return new ConfigException(
                HoltStoreConfig.CONFIG_SETTER_CONFIG,
                value,
                "give a public class that implements " + HoltConfigSetter.class.getName()
                        + " and has a public constructor without parameters, or leave the option out; no store was"
                        + " opened");
    }

    private static void set(
            HoltConfigSetter setter, String storeName, HoltStoreSettings settings, Map<String, Object> configs) {
        try {
            setter.setConfig(storeName, settings, configs);
        } catch (RuntimeException e) {
            throw because(
                    e,
                    new ConfigException("The " + HoltStoreConfig.CONFIG_SETTER_CONFIG + " "
                            + setter.getClass().getName() + " failed for the store " + storeName
                            + ", which was not opened: " + e.getMessage()));
        }
    }

    private static ConfigException because(Exception cause, ConfigException exception) {
        exception.initCause(cause);
        return exception;
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
