package io.holt.kstreams.internal;

import com.sun.management.OperatingSystemMXBean;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.kstreams.HoltStoreConfig;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/**
 * How much memory the stores of the process were told to share.
 *
 * @param bytes whole frames
 * @param isExplicit whether the application said so, or it is the default
 */
record MemorySetting(long bytes, boolean isExplicit) {

    /** Least default: fifty small stores fit. */
    static final long DEFAULT_BYTES_MIN = 64L << 20;

    private static final int DEFAULT_SHARE_DIVISOR = 4;

    /**
     * Reads the option.
     *
     * @throws ConfigException if it is not a number of bytes in the permitted range
     */
    static MemorySetting of(Map<String, ?> configs) {
        Object value = configs.get(HoltStoreConfig.MEMORY_BYTES_CONFIG);
        if (value == null) {
            return new MemorySetting(
                    defaultBytes(machineBytes(), Runtime.getRuntime().maxMemory()), false);
        }
        long bytes = parse(value);
        if (bytes < HoltOptions.MIN_MEMORY_BYTES || bytes > HoltOptions.MAX_MEMORY_BYTES) {
            throw invalid(value, null);
        }
        return new MemorySetting(wholeFrames(bytes), true);
    }

    private static long parse(Object value) {
        if (value instanceof Long || value instanceof Integer) {
            return ((Number) value).longValue();
        }
        if (value instanceof String text) {
            try {
                return Long.parseLong(text.trim());
            } catch (NumberFormatException e) {
                throw invalid(value, e);
            }
        }
        throw invalid(value, null);
    }

    private static ConfigException invalid(Object value, Throwable cause) {
        ConfigException exception = new ConfigException(
                HoltStoreConfig.MEMORY_BYTES_CONFIG,
                value,
                "give a number of bytes from " + HoltOptions.MIN_MEMORY_BYTES + " (4 MiB) to "
                        + HoltOptions.MAX_MEMORY_BYTES
                        + " (32 GiB), or leave the option out; no store was opened");
        if (cause != null) {
            exception.initCause(cause);
        }
        return exception;
    }

    /** The default for a machine or container with so much memory, and a JVM with so large a heap. */
    static long defaultBytes(long machineBytes, long heapBytesMax) {
        long share = (machineBytes - heapBytesMax) / DEFAULT_SHARE_DIVISOR;
        return wholeFrames(Math.clamp(share, DEFAULT_BYTES_MIN, HoltOptions.MAX_MEMORY_BYTES));
    }

    private static long wholeFrames(long bytes) {
        return bytes - bytes % MemoryBudget.FRAME_BYTES;
    }

    /** The limit of the container if there is one, else what the machine has. */
    private static long machineBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
