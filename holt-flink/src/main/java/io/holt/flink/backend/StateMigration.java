package io.holt.flink.backend;

import io.holt.api.Cursor;
import io.holt.api.Scan;
import io.holt.flink.layout.StateTree;
import io.holt.flink.state.AbstractHoltState;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.util.StateMigrationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rewrites the values of a state in the format of new serializers, in place: a cursor gives each key once, and a
 * record is written only after it was read. Keys keep their format.
 */
final class StateMigration {

    private static final Logger LOG = LoggerFactory.getLogger(StateMigration.class);

    private StateMigration() {}

    @SuppressWarnings("unchecked")
    static <V> void migrate(
            StateTree tree,
            RegisteredKeyValueStateBackendMetaInfo<?, V> metaInfo,
            AbstractHoltState<?, ?, V> state,
            TtlTimeProvider time)
            throws StateMigrationException {
        checkMapKeys(tree, metaInfo);
        TtlAwareSerializer<V, ?> prior = (TtlAwareSerializer<V, ?>)
                TtlAwareSerializer.wrapTtlAwareSerializer(metaInfo.getPreviousStateSerializer());
        TtlAwareSerializer<V, ?> current =
                (TtlAwareSerializer<V, ?>) TtlAwareSerializer.wrapTtlAwareSerializer(metaInfo.getStateSerializer());
        DataInputDeserializer in = new DataInputDeserializer();
        DataOutputSerializer out = new DataOutputSerializer(512);
        long records = 0;
        try (Cursor cursor = tree.tree().scan(Scan.all())) {
            while (cursor.next()) {
                in.setBuffer(cursor.valueArray(), cursor.valueOffset(), cursor.valueLength());
                out.clear();
                state.migrate(in, out, prior, current, time);
                tree.tree()
                        .put(
                                cursor.keyArray(),
                                cursor.keyOffset(),
                                cursor.keyLength(),
                                out.getSharedBuffer(),
                                0,
                                out.length());
                records++;
            }
        } catch (IOException e) {
            throw new StateMigrationException(
                    "state " + tree.name() + " can't be read by its old serializer or written by its new one", e);
        }
        LOG.info("State {}: {} records were rewritten in the format of the new serializer.", tree.name(), records);
    }

    /** A map's keys are part of the tree's keys, so their format can't change. */
    private static void checkMapKeys(StateTree tree, RegisteredKeyValueStateBackendMetaInfo<?, ?> metaInfo)
            throws StateMigrationException {
        TypeSerializer<?> serializer = metaInfo.getStateSerializer();
        TypeSerializerSnapshot<?> previous = metaInfo.getPreviousStateSerializerSnapshot();
        if (serializer instanceof MapSerializer<?, ?> map && previous instanceof MapSerializerSnapshot<?, ?> maps) {
            if (!isCompatibleAsIs(map.getKeySerializer(), maps.getKeySerializerSnapshot())) {
                throw new StateMigrationException("The new serializer for a MapState requires state migration in"
                        + " order for the job to proceed, since the key schema has changed. However, migration for"
                        + " MapState currently only allows value schema evolutions. State: " + tree.name());
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> boolean isCompatibleAsIs(TypeSerializer<T> serializer, TypeSerializerSnapshot<?> previous) {
        return serializer
                .snapshotConfiguration()
                .resolveSchemaCompatibility((TypeSerializerSnapshot<T>) previous)
                .isCompatibleAsIs();
    }
}
