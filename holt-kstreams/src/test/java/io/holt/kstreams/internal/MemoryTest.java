package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.api.StoreFormatException;
import io.holt.kstreams.HoltStoreConfig;
import io.holt.testkit.ModelDb;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One memory budget for all stores of the process. */
final class MemoryTest {

    private static final long MIB = 1L << 20;
    private static final Path DIRECTORY = Path.of("unused");

    private final List<CountedBudget> budgets = new ArrayList<>();
    private final ProcessDatabases databases = new ProcessDatabases(
            bytes -> {
                budgets.add(new CountedBudget(bytes));
                return budgets.getLast();
            },
            (directory, options) -> new ModelDb(options));

    private static final class CountedBudget implements MemoryBudget {
        private final long capacityBytes;
        private int closed;

        CountedBudget(long capacityBytes) {
            this.capacityBytes = capacityBytes;
        }

        @Override
        public long capacityBytes() {
            return capacityBytes;
        }

        @Override
        public long usedBytes() {
            return 0;
        }

        @Override
        public void close() {
            closed++;
        }
    }

    private static StoreOptions options(Map<String, Object> configs) {
        return StoreOptions.of("store", configs);
    }

    private static Map<String, Object> memory(Object bytes) {
        return Map.of(HoltStoreConfig.MEMORY_BYTES_CONFIG, bytes);
    }

    @Test
    void allStoresShareOneBudgetThatTheLastOneGivesBack() {
        StoreDatabases.Lease first = databases.open(DIRECTORY, options(memory(8 * MIB)));
        StoreDatabases.Lease second = databases.open(DIRECTORY, options(memory("8388608")));
        StoreDatabases.Lease third = databases.open(DIRECTORY, options(Map.of()));
        assertThat(budgets).hasSize(1);
        assertThat(third.db().stats().memoryCapacityBytes()).isEqualTo(8 * MIB);
        assertThat(databases.leases()).isEqualTo(3);

        first.close();
        first.close();
        second.close();
        assertThat(budgets.getFirst().closed).isZero();
        assertThat(first.db().isClosed()).isTrue();
        assertThat(third.db().isClosed()).isFalse();

        third.close();
        assertThat(budgets.getFirst().closed).isEqualTo(1);

        databases.open(DIRECTORY, options(memory(16 * MIB))).close();
        assertThat(budgets).hasSize(2);
        assertThat(budgets.getLast().capacityBytes()).isEqualTo(16 * MIB);
        assertThat(budgets.getLast().closed).isEqualTo(1);
    }

    @Test
    void anotherSizeIsRefusedWhileTheBudgetIsInUse() {
        StoreDatabases.Lease lease = databases.open(DIRECTORY, options(memory(8 * MIB)));

        assertThatThrownBy(() -> databases.open(DIRECTORY, options(memory(9 * MIB))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("9437184")
                .hasMessageContaining("already share 8388608 bytes");
        assertThat(databases.leases()).isEqualTo(1);
        lease.close();
        assertThat(databases.leases()).isZero();
    }

    @Test
    void aDatabaseThatCanNotBeOpenedHoldsNoMemory() {
        ProcessDatabases failing = new ProcessDatabases(
                bytes -> {
                    budgets.add(new CountedBudget(bytes));
                    return budgets.getLast();
                },
                (directory, options) -> {
                    throw new StoreFormatException(directory.toString(), "holds something else", "give another");
                });

        assertThatThrownBy(() -> failing.open(DIRECTORY, options(Map.of()))).isInstanceOf(StoreFormatException.class);
        assertThat(failing.leases()).isZero();
        assertThat(budgets.getLast().closed).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lots", "64m", "1e9", "4194303", "-1", "34359738369", "99999999999999999999"})
    void sizesThatCanNotBeAreRefused(String bytes) {
        assertThatThrownBy(() -> MemorySetting.of(memory(bytes)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(HoltStoreConfig.MEMORY_BYTES_CONFIG)
                .hasMessageContaining("4194304");
    }

    @Test
    void otherTypesAreRefused() {
        assertThatThrownBy(() -> MemorySetting.of(memory(1e9))).isInstanceOf(ConfigException.class);
    }

    @Test
    void sizesAreWholeFrames() {
        assertThat(MemorySetting.of(memory(" 4194304 "))).isEqualTo(new MemorySetting(4 * MIB, true));
        assertThat(MemorySetting.of(memory(5_000_000))).isEqualTo(new MemorySetting(9 * 512 * 1024, true));
        assertThat(MemorySetting.of(memory(HoltOptions.MAX_MEMORY_BYTES)).bytes())
                .isEqualTo(HoltOptions.MAX_MEMORY_BYTES);
    }

    @Test
    void theDefaultIsAQuarterOfWhatTheHeapLeaves() {
        assertThat(MemorySetting.defaultBytes(4_096 * MIB, 1_024 * MIB)).isEqualTo(768 * MIB);
        assertThat(MemorySetting.defaultBytes(512 * MIB, 400 * MIB)).isEqualTo(64 * MIB);
        assertThat(MemorySetting.defaultBytes(512 * MIB, 2_048 * MIB)).isEqualTo(64 * MIB);
        assertThat(MemorySetting.defaultBytes(1L << 50, 0)).isEqualTo(HoltOptions.MAX_MEMORY_BYTES);
        MemorySetting actual = MemorySetting.of(Map.of());
        assertThat(actual.isExplicit()).isFalse();
        assertThat(actual.bytes() % MemoryBudget.FRAME_BYTES).isZero();
        assertThat(actual.bytes()).isBetween(64 * MIB, HoltOptions.MAX_MEMORY_BYTES);
    }
}
