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

    private HoltStoreConfig() {}
}
