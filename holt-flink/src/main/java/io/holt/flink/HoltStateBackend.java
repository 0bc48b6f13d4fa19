package io.holt.flink;

import io.holt.api.Durability;
import io.holt.api.HoltOptions;
import io.holt.api.IoEngineKind;
import io.holt.api.MemoryBudget;
import io.holt.flink.HoltStateBackendOptions.TimerService;
import io.holt.flink.backend.BackendSettings;
import io.holt.flink.backend.HoltDbFactory;
import io.holt.flink.backend.HoltKeyedStateBackendBuilder;
import io.holt.flink.backend.OpenDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.Environment;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.runtime.memory.OpaqueMemoryResource;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.AbstractManagedMemoryStateBackend;
import org.apache.flink.runtime.state.ConfigurableStateBackend;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.OperatorStateBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A state backend that keeps keyed state in Holt databases off the heap, one for each stateful subtask. All databases
 * of a slot share its managed memory, or a fixed amount, and never use more.
 *
 * <p>Chosen by {@code state.backend.type: io.holt.flink.HoltStateBackendFactory}; options in
 * {@link HoltStateBackendOptions}. Immutable: {@link #configure} makes a copy.
 */
public final class HoltStateBackend extends AbstractManagedMemoryStateBackend implements ConfigurableStateBackend {

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(HoltStateBackend.class);
    private static final String SHARED_MEMORY = "holt-state-backend-memory";
    private static final String SHARED_FIXED_MEMORY = "holt-state-backend-fixed-memory";

    private final HoltDbFactory dbFactory;

    /** The options that were set so far. */
    private final Configuration chosen;

    /** Null: the slot's managed memory. */
    private final Long fixedMemoryBytes;

    /** Empty: the TaskManager's working directory. */
    private final String[] localDirectories;

    private final IoEngineKind ioEngine;
    private final TimerService timerService;
    private final Duration ttlSweepInterval;
    private final boolean incremental;
    private final long packBytes;
    private final double packLiveShare;
    private final long lazyRestoreBytes;
    private final boolean metrics;

    /** A backend with all options at their defaults. */
    public HoltStateBackend() {
        this(HoltDbFactory.ENGINE);
    }

    /** A backend on other databases; for tests. */
    HoltStateBackend(HoltDbFactory dbFactory) {
        this(dbFactory, new Configuration(), new Configuration());
    }

    /**
     * A backend of these options.
     *
     * @param tracking what says how access to state is tracked
     */
    private HoltStateBackend(HoltDbFactory dbFactory, Configuration config, ReadableConfig tracking) {
        this.dbFactory = dbFactory;
        this.chosen = config;
        this.fixedMemoryBytes = HoltStateBackendOptions.fixedMemoryBytes(config);
        this.localDirectories = HoltStateBackendOptions.localDirectories(config).toArray(new String[0]);
        this.ioEngine = config.get(HoltStateBackendOptions.IO_ENGINE);
        this.timerService = config.get(HoltStateBackendOptions.TIMER_SERVICE);
        this.ttlSweepInterval = HoltStateBackendOptions.ttlSweepInterval(config);
        // Flink's default is false, for the sake of backends whose incremental checkpoints cost something.
        this.incremental =
                config.getOptional(CheckpointingOptions.INCREMENTAL_CHECKPOINTS).orElse(true);
        this.packBytes = HoltStateBackendOptions.packBytes(config);
        this.packLiveShare = HoltStateBackendOptions.packLiveShare(config);
        this.lazyRestoreBytes = HoltStateBackendOptions.lazyRestoreBytes(config);
        this.metrics = config.get(HoltStateBackendOptions.METRICS);
        this.latencyTrackingConfigBuilder = latencyTrackingConfigBuilder.configure(tracking);
        this.sizeTrackingConfigBuilder = sizeTrackingConfigBuilder.configure(tracking);
    }

    /**
     * A copy with the options that are set here and are not set in this one: what an application has set prevails over
     * the configuration of its cluster, which Flink gives to the backend later.
     *
     * @throws IllegalConfigurationException if an option has an unusable value
     */
    @Override
    public HoltStateBackend configure(ReadableConfig config, ClassLoader classLoader) {
        try {
            Configuration merged = HoltStateBackendOptions.chosen(config);
            merged.addAll(chosen);
            return new HoltStateBackend(dbFactory, merged, config);
        } catch (IllegalConfigurationException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            // Flink's own parsers, which name the option and the values it may have.
            throw new IllegalConfigurationException(e.getMessage(), e);
        }
    }

    @Override
    public boolean useManagedMemory() {
        return fixedMemoryBytes == null;
    }

    /** The first checkpoint after a restore has all its frames of its own if Flink asks for that. */
    @Override
    public boolean supportsNoClaimRestoreMode() {
        return true;
    }

    @Override
    public boolean supportsSavepointFormat(SavepointFormatType formatType) {
        return true;
    }

    @Override
    public <K> AbstractKeyedStateBackend<K> createKeyedStateBackend(KeyedStateBackendParameters<K> parameters)
            throws IOException {
        Environment environment = parameters.getEnv();
        Path directory = workingDirectory(environment, parameters.getOperatorIdentifier());
        OpaqueMemoryResource<MemoryBudget> memory =
                memory(environment.getMemoryManager(), parameters.getManagedMemoryFraction());
        LOG.info(
                "Operator {} keeps its state in {}; all Holt databases of its slot share {} bytes of memory.",
                parameters.getOperatorIdentifier(),
                directory,
                memory.getSize());
        HoltOptions options = HoltOptions.builder()
                .memory(memory.getResourceHandle())
                .durability(Durability.NONE)
                .ioEngine(ioEngine)
                .build();
        OpenDatabase database = OpenDatabase.prepare(dbFactory, directory, options, memory);
        BackendSettings settings = new BackendSettings(
                timerService == TimerService.HEAP,
                incremental,
                packBytes,
                packLiveShare,
                lazyRestoreBytes,
                metrics,
                ttlSweepInterval,
                latencyTrackingConfigBuilder
                        .setMetricGroup(parameters.getMetricGroup())
                        .build(),
                sizeTrackingConfigBuilder
                        .setMetricGroup(parameters.getMetricGroup())
                        .build());
        return new HoltKeyedStateBackendBuilder<>(parameters, database, settings).build();
    }

    private Path workingDirectory(Environment environment, String operatorIdentifier) throws IOException {
        Path parent = localDirectories.length == 0
                ? environment.getTaskManagerInfo().getTmpWorkingDirectory().toPath()
                : LocalDirectories.usableOneOf(localDirectories);
        String operator = operatorIdentifier.replaceAll("[^a-zA-Z0-9-]", "_");
        return parent.resolve("holt_job_" + environment.getJobID() + "_op_" + operator + "_" + UUID.randomUUID());
    }

    /** This backend's share in the memory of the slot, which the first one of the slot takes for all of them. */
    private OpaqueMemoryResource<MemoryBudget> memory(MemoryManager memoryManager, double managedFraction)
            throws IOException {
        try {
            if (fixedMemoryBytes != null) {
                return memoryManager.getExternalSharedMemoryResource(
                        SHARED_FIXED_MEMORY, dbFactory::memory, fixedMemoryBytes);
            }
            return memoryManager.getSharedMemoryResourceForManagedMemory(
                    SHARED_MEMORY, this::managedMemory, managedFraction);
        } catch (Exception e) {
            throw new IOException("memory for Holt databases can't be had: " + e.getMessage(), e);
        }
    }

    private MemoryBudget managedMemory(long bytes) {
        if (bytes < HoltOptions.MIN_MEMORY_BYTES) {
            throw new IllegalConfigurationException("state backends may use " + new MemorySize(bytes)
                    + " of the slot's managed memory, Holt needs at least "
                    + new MemorySize(HoltOptions.MIN_MEMORY_BYTES) + "; raise "
                    + TaskManagerOptions.MANAGED_MEMORY_SIZE.key() + ", or set "
                    + HoltStateBackendOptions.FIXED_MEMORY_PER_SLOT.key());
        }
        if (bytes > HoltOptions.MAX_MEMORY_BYTES) {
            LOG.warn(
                    "Of {} bytes of managed memory Holt uses {}, the most it can.",
                    bytes,
                    HoltOptions.MAX_MEMORY_BYTES);
        }
        return dbFactory.memory(Math.min(bytes, HoltOptions.MAX_MEMORY_BYTES));
    }

    @Override
    public OperatorStateBackend createOperatorStateBackend(OperatorStateBackendParameters parameters) throws Exception {
        return new DefaultOperatorStateBackendBuilder(
                        parameters.getEnv().getUserCodeClassLoader().asClassLoader(),
                        parameters.getEnv().getExecutionConfig(),
                        true,
                        parameters.getStateHandles(),
                        parameters.getCancelStreamRegistry())
                .build();
    }
}
