package io.holt.flink.snapshot;

import io.holt.flink.layout.ListLeaf;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.StateSnapshotTransformer;
import org.apache.flink.runtime.state.StateSnapshotTransformer.CollectionStateSnapshotTransformer;
import org.apache.flink.runtime.state.StateSnapshotTransformer.CollectionStateSnapshotTransformer.TransformStrategy;
import org.apache.flink.runtime.state.StateSnapshotTransformer.StateSnapshotTransformFactory;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * What drops expired state from snapshots, applied to canonical records. Flink's transformers know single values; a
 * map's record has a byte before its value, a list's record has many values.
 */
public final class SerializedTransforms {

    private SerializedTransforms() {}

    /**
     * A factory whose transformers take the records of a state.
     *
     * @param elementFactory makes transformers of values, map values or list elements
     * @param stateSerializer the serializer of the whole state, a {@link ListSerializer} for lists
     */
    public static <S, E> StateSnapshotTransformFactory<S> forRecords(
            StateDescriptor.Type type,
            StateSnapshotTransformFactory<E> elementFactory,
            TypeSerializer<S> stateSerializer) {
        return new StateSnapshotTransformFactory<>() {
            @Override
            public Optional<StateSnapshotTransformer<S>> createForDeserializedState() {
                throw new UnsupportedOperationException("state is in serialized form in all snapshots of Holt");
            }

            @Override
            public Optional<StateSnapshotTransformer<byte[]>> createForSerializedState() {
                return switch (type) {
                    case LIST ->
                        elementFactory
                                .createForDeserializedState()
                                .map(elements -> new OfList<>(elements, elementSerializer(stateSerializer)));
                    case MAP -> elementFactory.createForSerializedState().map(SerializedTransforms::ofMapValue);
                    default -> elementFactory.createForSerializedState();
                };
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static <E> TypeSerializer<E> elementSerializer(TypeSerializer<?> listSerializer) {
        return ((ListSerializer<E>) listSerializer).getElementSerializer().duplicate();
    }

    private static StateSnapshotTransformer<byte[]> ofMapValue(StateSnapshotTransformer<byte[]> ofValue) {
        return value -> {
            boolean isNull = value[0] != 0;
            if (isNull) {
                return value;
            }
            byte[] bare = Arrays.copyOfRange(value, 1, value.length);
            byte[] transformed = ofValue.filterOrTransform(bare);
            if (transformed == null || transformed == bare) {
                return transformed == null ? null : value;
            }
            byte[] result = new byte[transformed.length + 1];
            System.arraycopy(transformed, 0, result, 1, transformed.length);
            return result;
        };
    }

    private static final class OfList<E> implements StateSnapshotTransformer<byte[]> {
        private final StateSnapshotTransformer<E> ofElement;
        private final TypeSerializer<E> elementSerializer;
        private final boolean stopAtFirst;
        private final DataInputDeserializer in = new DataInputDeserializer();
        private final DataOutputSerializer out = new DataOutputSerializer(128);

        OfList(StateSnapshotTransformer<E> ofElement, TypeSerializer<E> elementSerializer) {
            this.ofElement = ofElement;
            this.elementSerializer = elementSerializer;
            this.stopAtFirst = ofElement instanceof CollectionStateSnapshotTransformer<?> collection
                    && collection.getFilterStrategy() == TransformStrategy.STOP_ON_FIRST_INCLUDED;
        }

        @Override
        public byte[] filterOrTransform(byte[] list) {
            try {
                return transform(list);
            } catch (IOException e) {
                throw new FlinkRuntimeException("a list can't be read by " + elementSerializer, e);
            }
        }

        private byte[] transform(byte[] list) throws IOException {
            out.clear();
            in.setBuffer(list);
            while (in.available() > 0) {
                int elementStart = in.getPosition();
                E element = ofElement.filterOrTransform(elementSerializer.deserialize(in));
                ListLeaf.skipDelimiter(in);
                if (element == null) {
                    continue;
                }
                if (stopAtFirst) {
                    return elementStart == 0 ? list : Arrays.copyOfRange(list, elementStart, list.length);
                }
                ListLeaf.write(element, elementSerializer, out);
            }
            return out.length() == 0 ? null : out.getCopyOfBuffer();
        }
    }
}
