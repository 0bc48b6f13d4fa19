package io.holt.flink.timer;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.HoltDb;
import io.holt.flink.TestDatabases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two key groups of one tree against sorted maps, with few and with many more elements than are kept on the heap. */
class TimerPartitionModelTest {

    private static final int OPERATIONS = 20_000;

    @TempDir
    Path directory;

    private final Random random = new Random(7);

    // Positive numbers: the serializer's bytes are in their order.
    @ParameterizedTest
    @ValueSource(ints = {3, QueueHead.CAPACITY, QueueHead.CAPACITY + 3, 5 * QueueHead.CAPACITY})
    void agreesWithASortedSet(int range) throws Exception {
        try (HoltDb db = TestDatabases.open(directory)) {
            List<TimerPartition<Integer>> partitions = new ArrayList<>();
            List<NavigableMap<Integer, Integer>> models = new ArrayList<>();
            for (int keyGroup = 255; keyGroup <= 256; keyGroup++) {
                partitions.add(new TimerPartition<>(
                        db.tree("timers"),
                        keyGroup,
                        IntSerializer.INSTANCE,
                        new DataOutputSerializer(8),
                        new DataInputDeserializer()));
                models.add(new TreeMap<>());
            }
            for (int i = 0; i < OPERATIONS; i++) {
                int at = random.nextInt(2);
                step(partitions.get(at), models.get(at), range, i);
            }
        }
    }

    @SuppressWarnings("try") // Closing an iterator may be interrupted.
    private void step(TimerPartition<Integer> partition, NavigableMap<Integer, Integer> model, int range, int i)
            throws Exception {
        Integer element = random.nextInt(range);
        // Long phases of growing and of shrinking.
        int choice = random.nextInt(100) + (i / 2000 % 2 == 0 ? 0 : 40);
        if (choice < 55) {
            boolean isNewLeast =
                    model.put(element, element) == null && model.firstKey().equals(element);
            assertThat(partition.add(element)).isEqualTo(isNewLeast);
        } else if (choice < 75) {
            boolean wasLeast = !model.isEmpty() && model.firstKey().equals(element);
            model.remove(element);
            assertThat(partition.remove(element)).isEqualTo(wasLeast);
        } else if (choice < 138) {
            assertThat(partition.poll())
                    .isEqualTo(model.isEmpty() ? null : model.pollFirstEntry().getKey());
        } else {
            List<Integer> all = new ArrayList<>();
            try (CloseableIterator<Integer> elements = partition.iterator()) {
                elements.forEachRemaining(all::add);
            }
            assertThat(all).containsExactlyElementsOf(model.keySet());
        }
        assertThat(partition.peek()).isEqualTo(model.isEmpty() ? null : model.firstKey());
        assertThat(partition.isEmpty()).isEqualTo(model.isEmpty());
        assertThat(partition.size()).isEqualTo(model.size());
    }
}
