package io.holt.examples.flink;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.UUID;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.InstantiationUtil;

/**
 * What one writer of the sink got between two checkpoints. Immutable.
 *
 * @param id tells this batch from all others, so that a commit that is repeated after a recovery is known as such
 * @param outcomes in the order they came
 */
record OutcomeBatch(UUID id, List<Outcome> outcomes) implements Serializable {

    OutcomeBatch {
        outcomes = List.copyOf(outcomes);
    }

    /** A batch in version 1: Java's serialization. It is read by the very program that wrote it and by no other. */
    static final class Serializer implements SimpleVersionedSerializer<OutcomeBatch> {

        private static final int VERSION = 1;

        @Override
        public int getVersion() {
            return VERSION;
        }

        @Override
        public byte[] serialize(OutcomeBatch batch) throws IOException {
            return InstantiationUtil.serializeObject(batch);
        }

        @Override
        public OutcomeBatch deserialize(int version, byte[] bytes) throws IOException {
            if (version != VERSION) {
                throw new IOException("a batch of outcomes of version " + version + " is unknown here");
            }
            try {
                return InstantiationUtil.deserializeObject(bytes, OutcomeBatch.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new IOException("a batch of outcomes holds a class that is not there", e);
            }
        }
    }
}
