package io.holt.kstreams;

/**
 * Names of the options that Holt's stores read from the properties of a Kafka Streams application. An option that
 * begins with {@code holt.} and is none of these, or whose value can't be used, keeps the stores from opening, with a
 * {@link org.apache.kafka.common.config.ConfigException} that says what can be given.
 */
public final class HoltStoreConfig {

    /**
     * Off-heap memory, in bytes, that all Holt stores of the process share: {@value #MEMORY_BYTES_CONFIG}.
     *
     * <p>From 4 MiB to 32 GiB, rounded down to frames of 512 KiB. Default: a quarter of what the machine or
     * container has besides the largest heap of this JVM, and at least 64 MiB. The first store that opens takes the
     * memory, the last one that closes gives it back; a store that is told another size while it is taken refuses
     * to open.
     */
    public static final String MEMORY_BYTES_CONFIG = "holt.memory.bytes";

    /**
     * How the stores read and write their files: {@value #IO_ENGINE_CONFIG}. {@code auto}, the default, takes the best
     * that works: {@code uring}, {@code pread}, {@code channel}.
     */
    public static final String IO_ENGINE_CONFIG = "holt.io.engine";

    /**
     * How many records an iterator reads ahead at most: {@value #ITERATOR_READ_AHEAD_CONFIG}. From 1 to
     * {@value HoltStoreSettings#MAX_ITERATOR_READ_AHEAD}; default {@value #DEFAULT_ITERATOR_READ_AHEAD}. It begins with
     * one record and doubles, so a short walk reads little more than it gives.
     */
    public static final String ITERATOR_READ_AHEAD_CONFIG = "holt.iterator.read.ahead";

    /** Default of {@link #ITERATOR_READ_AHEAD_CONFIG}. */
    public static final int DEFAULT_ITERATOR_READ_AHEAD = 16;

    /**
     * A {@link HoltConfigSetter}, its class or the name of its class, that sets the options of each store:
     * {@value #CONFIG_SETTER_CONFIG}. Default: none.
     */
    public static final String CONFIG_SETTER_CONFIG = "holt.config.setter";

    private HoltStoreConfig() {}
}
