package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Durability;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.flink.backend.HoltDbFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What backends take from a slot, and that they give it back. */
class HoltLifecycleTest {

    private static final long MANAGED_BYTES = 32L * 1024 * 1024;

    private static final List<MemoryBudget> BUDGETS = new ArrayList<>();
    private static final List<HoltDb> DATABASES = new ArrayList<>();
    private static final List<HoltOptions> OPTIONS = new ArrayList<>();

    @TempDir
    Path directory;

    private MockEnvironment environment;

    @BeforeEach
    void start() {
        BUDGETS.clear();
        DATABASES.clear();
        OPTIONS.clear();
        environment = environmentWith(MANAGED_BYTES);
    }

    @AfterEach
    void stop() throws Exception {
        environment.close();
    }

    private static MockEnvironment environmentWith(long managedBytes) {
        return new MockEnvironmentBuilder()
                .setMemoryManager(MemoryManager.create(managedBytes, 4096))
                .build();
    }

    private HoltStateBackend backend(String... options) {
        Configuration config = new Configuration();
        config.set(HoltStateBackendOptions.LOCAL_DIRECTORIES, List.of(directory.toString()));
        for (int i = 0; i < options.length; i += 2) {
            config.setString(options[i], options[i + 1]);
        }
        return new HoltStateBackend(new RecordingFactory())
                .configure(config, getClass().getClassLoader());
    }

    @Test
    void backendsOfASlotShareItsManagedMemory() throws Exception {
        CheckpointableKeyedStateBackend<String> first = TestBackends.create(backend(), environment);
        CheckpointableKeyedStateBackend<String> second = TestBackends.create(backend(), environment);
        first.setCurrentKey("a");
        second.setCurrentKey("a");
        TestBackends.valueState(first).update(1);
        TestBackends.valueState(second).update(2);
        assertThat(TestBackends.valueState(first).value()).isEqualTo(1);
        assertThat(BUDGETS).hasSize(1);
        assertThat(BUDGETS.get(0).capacityBytes()).isEqualTo(MANAGED_BYTES);
        assertThat(OPTIONS).allMatch(options -> options.memory().orElseThrow() == BUDGETS.get(0));

        TestBackends.dispose(first);
        assertThat(isClosed(BUDGETS.get(0))).isFalse();
        TestBackends.dispose(second);
        assertThat(BUDGETS).allMatch(this::isClosed);
        assertThat(environment.getMemoryManager().verifyEmpty()).isTrue();
    }

    @Test
    void fixedMemoryIsSharedAndNotTakenFromManagedMemory() throws Exception {
        String[] options = {"state.backend.holt.memory.fixed-per-slot", "8m"};
        CheckpointableKeyedStateBackend<String> first = TestBackends.create(backend(options), environment);
        CheckpointableKeyedStateBackend<String> second = TestBackends.create(backend(options), environment);
        assertThat(BUDGETS).hasSize(1);
        assertThat(BUDGETS.get(0).capacityBytes())
                .isEqualTo(MemorySize.ofMebiBytes(8).getBytes());
        assertThat(environment.getMemoryManager().availableMemory()).isEqualTo(MANAGED_BYTES);

        TestBackends.dispose(first);
        TestBackends.dispose(second);
        assertThat(BUDGETS).allMatch(this::isClosed);
    }

    @Test
    void disposingClosesTheDatabaseAndRemovesItsFiles() throws Exception {
        CheckpointableKeyedStateBackend<String> keyed = TestBackends.create(backend(), environment);
        assertThat(filesLeft()).hasSize(1);
        keyed.setCurrentKey("a");
        TestBackends.valueState(keyed).update(1);

        TestBackends.dispose(keyed);
        keyed.dispose();

        assertThat(DATABASES).hasSize(1).allMatch(HoltDb::isClosed);
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    void failedRestoreLeavesNothingBehind() {
        byte[] garbage = {0, 1, 2, 3};
        KeyGroupsStateHandle handle = new KeyGroupsStateHandle(
                new KeyGroupRangeOffsets(new KeyGroupRange(0, TestBackends.KEY_GROUPS - 1)),
                new ByteStreamStateHandle("garbage", garbage));

        assertThatThrownBy(() -> TestBackends.create(backend(), environment, List.of(handle)))
                .hasMessageContaining("operator");

        assertThat(DATABASES).hasSize(1).allMatch(HoltDb::isClosed);
        assertThat(BUDGETS).hasSize(1).allMatch(this::isClosed);
        assertThat(filesLeft()).isEmpty();
        assertThat(environment.getMemoryManager().verifyEmpty()).isTrue();
    }

    @Test
    void failedOpeningLeavesNothingBehind() {
        assertThatThrownBy(() -> TestBackends.create(
                        new HoltStateBackend(new FailingFactory())
                                .configure(
                                        Configuration.fromMap(Map.of(
                                                HoltStateBackendOptions.LOCAL_DIRECTORIES.key(), directory.toString())),
                                        getClass().getClassLoader()),
                        environment))
                .hasMessageContaining("disk on fire");

        assertThat(BUDGETS).hasSize(1).allMatch(this::isClosed);
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    @SuppressWarnings("try") // The environment's close() may be interrupted.
    void tooLittleManagedMemoryIsRefusedWithWhatToDo() throws Exception {
        try (MockEnvironment small = environmentWith(1024 * 1024)) {
            assertThatThrownBy(() -> TestBackends.create(backend(), small))
                    .hasMessageContaining("taskmanager.memory.managed.size")
                    .hasMessageContaining("state.backend.holt.memory.fixed-per-slot");
            assertThat(small.getMemoryManager().verifyEmpty()).isTrue();
        }
    }

    @Test
    void aLocalDirectoryThatCanNotBeUsedIsPassedOver() throws Exception {
        Path good = directory.resolve("good");
        String bad = Files.writeString(directory.resolve("bad"), "a file").toString();
        for (int i = 0; i < 10; i++) {
            TestBackends.dispose(TestBackends.create(
                    backend(HoltStateBackendOptions.LOCAL_DIRECTORIES.key(), bad + ";" + good), environment));
        }
        assertThatThrownBy(() -> TestBackends.create(
                        backend(HoltStateBackendOptions.LOCAL_DIRECTORIES.key(), bad + ";" + bad + "/below"),
                        environment))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(HoltStateBackendOptions.LOCAL_DIRECTORIES.key())
                .hasMessageContaining(bad + "/below");
        assertThat(environment.getMemoryManager().verifyEmpty()).isTrue();
        assertThat(good).isEmptyDirectory();
    }

    /** Whether no database can be opened in a budget any more. */
    private boolean isClosed(MemoryBudget budget) {
        HoltOptions options =
                HoltOptions.builder().memory(budget).durability(Durability.NONE).build();
        Path own = directory.resolveSibling("probe-" + UUID.randomUUID());
        try (HoltDb db = TestDatabases.factory().open(Files.createDirectory(own), options)) {
            db.tree("probe");
            return false;
        } catch (HoltClosedException e) {
            return true;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<Path> filesLeft() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Remembers what it gave out. */
    private static class RecordingFactory implements HoltDbFactory {
        private static final long serialVersionUID = 1L;

        @Override
        public MemoryBudget memory(long bytes) {
            MemoryBudget budget = TestDatabases.factory().memory(bytes);
            BUDGETS.add(budget);
            return budget;
        }

        @Override
        public HoltDb open(Path directory, HoltOptions options) {
            HoltDb db = TestDatabases.factory().open(directory, options);
            DATABASES.add(db);
            OPTIONS.add(options);
            return db;
        }
    }

    private static final class FailingFactory extends RecordingFactory {
        private static final long serialVersionUID = 1L;

        @Override
        public HoltDb open(Path directory, HoltOptions options) {
            throw new IllegalStateException("disk on fire");
        }
    }
}
