package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.JobListener;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.StateBackendLoader;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class HoltStateBackendOptionsTest {

    private final ClassLoader loader = getClass().getClassLoader();

    @Test
    void isLoadedByTheNameOfItsFactory() throws Exception {
        Configuration config = new Configuration();
        config.set(StateBackendOptions.STATE_BACKEND, "io.holt.flink.HoltStateBackendFactory");
        StateBackend backend = StateBackendLoader.loadStateBackendFromConfig(
                config, loader, LoggerFactory.getLogger(HoltStateBackendOptionsTest.class));

        assertThat(backend).isInstanceOf(HoltStateBackend.class);
        assertThat(backend.useManagedMemory()).isTrue();
        assertThat(backend.supportsNoClaimRestoreMode()).isTrue();
        assertThat(backend.supportsSavepointFormat(SavepointFormatType.CANONICAL))
                .isTrue();
        assertThat(backend.supportsSavepointFormat(SavepointFormatType.NATIVE)).isTrue();
        assertThat(InstantiationUtil.clone(backend)).isInstanceOf(HoltStateBackend.class);
    }

    @Test
    void fixedMemoryIsUsedInsteadOfManagedMemory() {
        Configuration config = new Configuration();
        config.setString("state.backend.holt.memory.fixed-per-slot", "16m");
        assertThat(new HoltStateBackendFactory()
                        .createFromConfig(config, loader)
                        .useManagedMemory())
                .isFalse();
    }

    @Test
    void whatAnApplicationSetsPrevailsOverItsCluster() {
        Configuration ofApplication = new Configuration();
        ofApplication.setString("state.backend.holt.memory.fixed-per-slot", "16m");
        HoltStateBackend backend = new HoltStateBackend().configure(ofApplication, loader);
        assertThat(backend.configure(new Configuration(), loader).useManagedMemory())
                .isFalse();

        Configuration ofCluster = new Configuration();
        ofCluster.setString("state.backend.holt.memory.fixed-per-slot", "32m");
        assertThat(new HoltStateBackend().configure(ofCluster, loader).useManagedMemory())
                .isFalse();
    }

    @Test
    void allOptionsCanBeChosen() {
        Configuration config = new Configuration();
        config.setString("state.backend.holt.memory.fixed-per-slot", "16m");
        config.setString("state.backend.holt.local-directories", "/one;/two");
        config.setString("state.backend.holt.io-engine", "CHANNEL");
        config.setString("state.backend.holt.timer-service", "HEAP");
        config.setString("state.backend.holt.ttl.sweep-interval", "1s");
        config.setString("state.backend.holt.checkpoint.pack-size", "2mb");
        config.setString("state.backend.holt.checkpoint.pack-live-share", "0.7");
        config.setString("state.backend.holt.restore.lazy", "false");
        config.setString("state.backend.holt.restore.lazy-from", "1mb");
        config.setString("state.backend.holt.metrics", "false");
        config.setString("execution.checkpointing.incremental", "false");
        assertThat(HoltStateBackendOptions.chosen(config).toMap()).hasSameSizeAs(config.toMap());
    }

    @ParameterizedTest
    @CsvSource({
        "state.backend.holt.memory.fixed-per-slot, 3m",
        "state.backend.holt.memory.fixed-per-slot, 33g",
        "state.backend.holt.memory.fixed-per-slot, much",
        "state.backend.holt.local-directories, relative/path",
        "state.backend.holt.local-directories, /absolute;relative",
        "state.backend.holt.local-directories, ''",
        "state.backend.holt.local-directories, '/one,/two'",
        "state.backend.holt.local-directories, '/one, /two'",
        "state.backend.holt.local-directories, /one:/two",
        "state.backend.holt.io-engine, FASTEST",
        "state.backend.holt.timer-service, DISK",
        "state.backend.holt.ttl.sweep-interval, -1s",
        "state.backend.holt.ttl.sweep-interval, soon",
        "state.backend.holt.ttl.sweep-interval, 200000 d",
        "state.backend.holt.checkpoint.pack-size, 1kb",
        "state.backend.holt.checkpoint.pack-size, 2gb",
        "state.backend.holt.checkpoint.pack-live-share, 1.5",
        "state.backend.holt.checkpoint.pack-live-share, half",
        "state.backend.holt.restore.lazy, perhaps",
        "state.backend.holt.restore.lazy-from, some",
        "state.backend.holt.metrics, maybe",
    })
    void unusableValuesAreRefusedWithTheOptionsName(String option, String value) {
        Configuration config = new Configuration();
        config.setString(option, value);
        assertThatThrownBy(() -> new HoltStateBackendFactory().createFromConfig(config, loader))
                .isInstanceOf(IllegalConfigurationException.class)
                .hasMessageContaining(option);
    }

    @ParameterizedTest
    @CsvSource({
        "state.backend.holt.timer-servce, state.backend.holt.timer-service",
        "state.backend.holt.restore.lazyfrom, state.backend.holt.restore.lazy-from",
        "state.backend.holt.checkpoint.pack-live-shared, state.backend.holt.checkpoint.pack-live-share",
        "state.backend.holt.memory.fixed_per_slot, state.backend.holt.memory.fixed-per-slot",
        "state.backend.holt.checkpoints.pack-size, state.backend.holt.checkpoint.pack-size",
        "state.backend.holt.ttl-sweep-interval, state.backend.holt.ttl.sweep-interval",
    })
    void unknownKeysAreRefusedWithTheNearestKnownOne(String unknown, String known) {
        Configuration config = new Configuration();
        config.setString(unknown, "1");
        config.setString("state.backend.holt.metrics", "true");
        assertThatThrownBy(() -> new HoltStateBackendFactory().createFromConfig(config, loader))
                .isInstanceOf(IllegalConfigurationException.class)
                .hasMessage("there is no option " + unknown + ", did you mean " + known + "?");
    }

    @Test
    void allUnknownKeysAreNamedAtOnce() {
        Configuration config = new Configuration();
        config.setString("state.backend.holt.metric", "true");
        config.setString("state.backend.holt.io-engin", "AUTO");
        config.setString("state.backend.rocksdb.memory.managd", "true");
        assertThatThrownBy(() -> new HoltStateBackend().configure(config, loader))
                .isInstanceOf(IllegalConfigurationException.class)
                .hasMessageContaining("state.backend.holt.metric,")
                .hasMessageContaining("state.backend.holt.io-engin,")
                .hasMessageNotContaining("rocksdb");
    }

    @SuppressWarnings("try") // What is closed may be interrupted.
    @ParameterizedTest
    @CsvSource({"state.backend.holt.timer-servce, HEAP", "state.backend.holt.timer-service, DISK"})
    void aJobDoesNotStartWithThem(String option, String value) throws Exception {
        Configuration config = new Configuration();
        config.set(StateBackendOptions.STATE_BACKEND, HoltStateBackendFactory.class.getName());
        config.setString(option, value);
        AtomicBoolean started = new AtomicBoolean();
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, config)) {
            environment.fromSequence(0, 10).keyBy(number -> number).print();
            environment.registerJobListener(new JobListener() {
                @Override
                public void onJobSubmitted(JobClient client, Throwable failure) {
                    started.set(client != null);
                }

                @Override
                public void onJobExecuted(JobExecutionResult result, Throwable failure) {
                    // It is not to come to that.
                }
            });
            assertThatThrownBy(environment::execute).hasStackTraceContaining(option);
        }
        assertThat(started).isFalse();
    }
}
