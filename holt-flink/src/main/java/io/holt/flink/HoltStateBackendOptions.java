package io.holt.flink;

import io.holt.api.HoltOptions;
import io.holt.api.IoEngineKind;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/** The options of {@link HoltStateBackend} in Flink's configuration. None has to be set. */
public final class HoltStateBackendOptions {

    private static final String PREFIX = "state.backend.holt.";

    public static final ConfigOption<MemorySize> FIXED_MEMORY_PER_SLOT = ConfigOptions.key(
                    PREFIX + "memory.fixed-per-slot")
            .memoryType()
            .noDefaultValue()
            .withDescription("Off-heap memory that all Holt state backends of a slot share, 4 MiB to 32 GiB. If it is"
                    + " not set they share the slot's managed memory, as much of it as Flink sets apart for state"
                    + " backends; if it is set they use no managed memory.");

    public static final ConfigOption<List<String>> LOCAL_DIRECTORIES = ConfigOptions.key(PREFIX + "local-directories")
            .stringType()
            .asList()
            .noDefaultValue()
            .withDescription("Absolute paths of directories on local disks for working files, with semicolons between"
                    + " them; a backend takes one that can be used. Working files go when their task ends; those of a"
                    + " TaskManager that is killed stay and can be deleted. If it is not set, the TaskManager's working"
                    + " directory is used.");

    public static final ConfigOption<IoEngineKind> IO_ENGINE = ConfigOptions.key(PREFIX + "io-engine")
            .enumType(IoEngineKind.class)
            .defaultValue(IoEngineKind.AUTO)
            .withDescription("How working files are read and written: AUTO takes the best one that works on the"
                    + " machine. URING and PREAD need Linux; CHANNEL works everywhere. One that is named and can't be"
                    + " had fails the task.");

    public static final ConfigOption<TimerService> TIMER_SERVICE = ConfigOptions.key(PREFIX + "timer-service")
            .enumType(TimerService.class)
            .defaultValue(TimerService.HOLT)
            .withDescription("Where timers are kept: HOLT keeps them with the state, so their number is bound by its"
                    + " memory; HEAP keeps them as objects on the Java heap.");

    public static final ConfigOption<Duration> TTL_SWEEP_INTERVAL = ConfigOptions.key(PREFIX + "ttl.sweep-interval")
            .durationType()
            .defaultValue(Duration.ofMinutes(10))
            .withDescription("Time between two walks of the background clean-up, which finds expired records of states"
                    + " with a time to live and removes them; 0 turns it off. It does what RocksDB's compaction filter"
                    + " does and follows the same setting of a state's time-to-live configuration.");

    public static final ConfigOption<MemorySize> CHECKPOINT_PACK_SIZE = ConfigOptions.key(
                    PREFIX + "checkpoint.pack-size")
            .memoryType()
            .defaultValue(MemorySize.ofMebiBytes(64))
            .withDescription("An incremental checkpoint packs its frames into streams; one is closed when it has this"
                    + " size, 1 MiB to 1 GiB. Larger ones are fewer objects in the checkpoint storage, smaller ones"
                    + " become unused as a whole earlier.");

    public static final ConfigOption<Double> CHECKPOINT_PACK_LIVE_SHARE = ConfigOptions.key(
                    PREFIX + "checkpoint.pack-live-share")
            .doubleType()
            .defaultValue(0.5)
            .withDescription("The frames of a pack are written again once less than this share of it, 0 to 1, is still"
                    + " in use. It bounds what a checkpoint occupies beyond its size.");

    public static final ConfigOption<Boolean> RESTORE_LAZILY = ConfigOptions.key(PREFIX + "restore.lazy")
            .booleanType()
            .defaultValue(true)
            .withDescription("Whether a task that is restored from an incremental checkpoint or a native savepoint"
                    + " begins to work before all its state is read: what is needed is read at once, the rest in the"
                    + " background. Its first checkpoint waits until all is there. If this is false, the task waits.");

    public static final ConfigOption<MemorySize> RESTORE_LAZILY_FROM = ConfigOptions.key(PREFIX + "restore.lazy-from")
            .memoryType()
            .defaultValue(MemorySize.ofMebiBytes(16))
            .withDescription("State of a subtask that is smaller than this is always read before the task begins.");

    public static final ConfigOption<Boolean> METRICS = ConfigOptions.key(PREFIX + "metrics")
            .booleanType()
            .defaultValue(true)
            .withDescription("Whether figures of the databases, of checkpoints and of the clean-up of expired state are"
                    + " registered as metrics, in the group holt of the operator.");

    private static final Duration SWEEP_INTERVAL_MAX = Duration.ofDays(36_500);

    /** How another list of directories begins, as RocksDB's option is written. */
    private static final Pattern OTHER_SEPARATOR = Pattern.compile("[,:] */");

    private static final List<ConfigOption<?>> ALL = List.of(
            FIXED_MEMORY_PER_SLOT,
            LOCAL_DIRECTORIES,
            IO_ENGINE,
            TIMER_SERVICE,
            TTL_SWEEP_INTERVAL,
            CHECKPOINT_PACK_SIZE,
            CHECKPOINT_PACK_LIVE_SHARE,
            RESTORE_LAZILY,
            RESTORE_LAZILY_FROM,
            METRICS,
            CheckpointingOptions.INCREMENTAL_CHECKPOINTS);

    private HoltStateBackendOptions() {}

    /**
     * The options of a backend that are set; Flink's for incremental checkpoints is one of them.
     *
     * @throws IllegalConfigurationException if a key begins as Holt's do and is none of them
     */
    static Configuration chosen(ReadableConfig config) {
        OptionKeys.refuseUnknown(
                PREFIX,
                config.toMap().keySet(),
                ALL.stream()
                        .map(ConfigOption::key)
                        .filter(key -> key.startsWith(PREFIX))
                        .toList());
        Configuration chosen = new Configuration();
        ALL.forEach(option -> copy(config, option, chosen));
        return chosen;
    }

    private static <T> void copy(ReadableConfig config, ConfigOption<T> option, Configuration target) {
        config.getOptional(option).ifPresent(value -> target.set(option, value));
    }

    /** Where timers are kept. */
    public enum TimerService {
        HOLT,
        HEAP
    }

    /** Bytes of {@link #FIXED_MEMORY_PER_SLOT}, or null. */
    static Long fixedMemoryBytes(ReadableConfig config) {
        MemorySize size = config.getOptional(FIXED_MEMORY_PER_SLOT).orElse(null);
        if (size == null) {
            return null;
        }
        long bytes = size.getBytes();
        if (bytes < HoltOptions.MIN_MEMORY_BYTES || bytes > HoltOptions.MAX_MEMORY_BYTES) {
            throw new IllegalConfigurationException("option " + FIXED_MEMORY_PER_SLOT.key() + " can't be " + size
                    + "; give " + new MemorySize(HoltOptions.MIN_MEMORY_BYTES) + " to "
                    + new MemorySize(HoltOptions.MAX_MEMORY_BYTES));
        }
        return bytes;
    }

    /** Bytes of {@link #CHECKPOINT_PACK_SIZE}. */
    static long packBytes(ReadableConfig config) {
        MemorySize size = config.get(CHECKPOINT_PACK_SIZE);
        if (size.compareTo(MemorySize.ofMebiBytes(1)) < 0 || size.compareTo(MemorySize.ofMebiBytes(1024)) > 0) {
            throw new IllegalConfigurationException(
                    "option " + CHECKPOINT_PACK_SIZE.key() + " can't be " + size + "; give 1 mb to 1 gb");
        }
        return size.getBytes();
    }

    /** The value of {@link #CHECKPOINT_PACK_LIVE_SHARE}. */
    static double packLiveShare(ReadableConfig config) {
        double share = config.get(CHECKPOINT_PACK_LIVE_SHARE);
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalConfigurationException(
                    "option " + CHECKPOINT_PACK_LIVE_SHARE.key() + " can't be " + share + "; give 0 to 1");
        }
        return share;
    }

    /** From how many bytes on state is restored lazily. */
    static long lazyRestoreBytes(ReadableConfig config) {
        return config.get(RESTORE_LAZILY) ? config.get(RESTORE_LAZILY_FROM).getBytes() : Long.MAX_VALUE;
    }

    /** The value of {@link #TTL_SWEEP_INTERVAL}. */
    static Duration ttlSweepInterval(ReadableConfig config) {
        Duration interval = config.get(TTL_SWEEP_INTERVAL);
        if (interval.isNegative() || interval.compareTo(SWEEP_INTERVAL_MAX) > 0) {
            throw new IllegalConfigurationException("option " + TTL_SWEEP_INTERVAL.key() + " can't be " + interval
                    + "; give a duration of up to " + SWEEP_INTERVAL_MAX.toDays() + " days, or 0 for none");
        }
        return interval;
    }

    /** The paths of {@link #LOCAL_DIRECTORIES}; empty if it is not set. */
    static List<String> localDirectories(ReadableConfig config) {
        List<String> directories = config.getOptional(LOCAL_DIRECTORIES).orElse(null);
        if (directories == null) {
            return List.of();
        }
        if (directories.isEmpty()) {
            throw badDirectory("", "name a directory or leave the option out", null);
        }
        List<String> checked = new ArrayList<>();
        for (String directory : directories) {
            try {
                if (!Path.of(directory).isAbsolute()) {
                    throw badDirectory(directory, "give an absolute path", null);
                }
                if (OTHER_SEPARATOR.matcher(directory).find()) {
                    throw badDirectory(directory, "put semicolons between directories", null);
                }
            } catch (InvalidPathException e) {
                throw badDirectory(directory, "give an absolute path", e);
            }
            checked.add(directory);
        }
        return List.copyOf(checked);
    }

    private static IllegalConfigurationException badDirectory(String directory, String remedy, Exception cause) {
        return new IllegalConfigurationException(
                "option " + LOCAL_DIRECTORIES.key() + " can't contain '" + directory + "'; " + remedy, cause);
    }
}
