package io.holt.flink.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsSavepointStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.util.StateMigrationException;
import org.junit.jupiter.api.Test;

class CheckpointMarkTest {

    private static final ByteStreamStateHandle STREAM = new ByteStreamStateHandle("stream", new byte[0]);
    private static final KeyGroupRangeOffsets OFFSETS = new KeyGroupRangeOffsets(new KeyGroupRange(0, 1));
    private static final KeyedStateHandle CHECKPOINT = new KeyGroupsStateHandle(OFFSETS, STREAM);
    private static final KeyedStateHandle SAVEPOINT = new KeyGroupsSavepointStateHandle(OFFSETS, STREAM);

    private final StateMetaInfoSnapshot unmarked = new RegisteredKeyValueStateBackendMetaInfo<>(
                    StateDescriptor.Type.VALUE, "state", IntSerializer.INSTANCE, IntSerializer.INSTANCE)
            .snapshot();

    @Test
    void markedStatesAreRead() {
        List<StateMetaInfoSnapshot> marked = CheckpointMark.mark(List.of(unmarked));
        assertThatCode(() -> CheckpointMark.check(CHECKPOINT, marked)).doesNotThrowAnyException();
        assertThat(new RegisteredKeyValueStateBackendMetaInfo<>(marked.get(0)).getStateType())
                .isEqualTo(StateDescriptor.Type.VALUE);
    }

    @Test
    void savepointsNeedNoMark() {
        assertThatCode(() -> CheckpointMark.check(SAVEPOINT, List.of(unmarked))).doesNotThrowAnyException();
    }

    @Test
    void checkpointsOfOthersAreRefused() {
        assertThatThrownBy(() -> CheckpointMark.check(CHECKPOINT, List.of(unmarked)))
                .isInstanceOf(StateMigrationException.class)
                .hasMessageContaining("not taken by the Holt");
    }

    @Test
    void newerFormatsAreRefused() {
        StateMetaInfoSnapshot newer = new StateMetaInfoSnapshot(
                "state",
                StateMetaInfoSnapshot.BackendStateType.KEY_VALUE,
                Map.of("HOLT_CHECKPOINT_FORMAT", "2"),
                unmarked.getSerializerSnapshotsImmutable());
        assertThatThrownBy(() -> CheckpointMark.check(CHECKPOINT, List.of(newer)))
                .isInstanceOf(StateMigrationException.class)
                .hasMessageContaining("format 2")
                .hasMessageContaining("reads format 1");
    }
}
