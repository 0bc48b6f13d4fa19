package io.holt.flink.backend;

import io.holt.flink.snapshot.LocalPacks;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.LocalRecoveryConfig;

/**
 * What a backend is made of once its state is restored.
 *
 * @param heapTimers the timers if they are to be on the heap, or null
 * @param localPacks where copies of checkpoints' frames are kept on the local disk, or null
 */
record BackendParts<K>(
        OpenDatabase database,
        RestoredState restored,
        HeapTimers heapTimers,
        TypeSerializer<K> keySerializer,
        LocalRecoveryConfig localRecovery,
        LocalPacks localPacks) {}
