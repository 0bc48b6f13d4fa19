package io.holt.internal.engine;

import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import io.holt.api.WriteBatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** One change of a database and of its model: found whole or not at all. */
sealed interface CrashChange {

    String tree();

    void applyTo(HoltDb db);

    void applyTo(CrashState state);

    /** Latin-1, so that strings have the order of their bytes. */
    static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.ISO_8859_1);
    }

    record Create(String tree) implements CrashChange {
        @Override
        public void applyTo(HoltDb db) {
            db.tree(tree);
        }

        @Override
        public void applyTo(CrashState state) {
            state.create(tree);
        }
    }

    record Drop(String tree) implements CrashChange {
        @Override
        public void applyTo(HoltDb db) {
            db.dropTree(tree);
        }

        @Override
        public void applyTo(CrashState state) {
            state.drop(tree);
        }
    }

    record Put(String tree, String key, int valueBytes, byte fill) implements CrashChange {
        @Override
        public void applyTo(HoltDb db) {
            db.tree(tree).put(bytes(key), value());
        }

        @Override
        public void applyTo(CrashState state) {
            state.records(tree).put(key, Arrays.hashCode(value()));
        }

        private byte[] value() {
            byte[] value = new byte[valueBytes];
            Arrays.fill(value, fill);
            return value;
        }
    }

    record Delete(String tree, String key) implements CrashChange {
        @Override
        public void applyTo(HoltDb db) {
            db.tree(tree).delete(bytes(key));
        }

        @Override
        public void applyTo(CrashState state) {
            state.records(tree).remove(key);
        }
    }

    record DeletePrefix(String tree, String prefix) implements CrashChange {
        @Override
        public void applyTo(HoltDb db) {
            db.tree(tree).deletePrefix(bytes(prefix));
        }

        @Override
        public void applyTo(CrashState state) {
            state.records(tree).keySet().removeIf(key -> key.startsWith(prefix));
        }
    }

    /** Puts and deletions of any trees, made together. */
    record Batch(List<CrashChange> changes) implements CrashChange {
        @Override
        public String tree() {
            return changes.getFirst().tree();
        }

        @Override
        public void applyTo(HoltDb db) {
            WriteBatch batch = db.newBatch();
            for (CrashChange change : changes) {
                HoltTree tree = db.tree(change.tree());
                switch (change) {
                    case Put put -> batch.put(tree, bytes(put.key()), put.value());
                    case Delete delete -> batch.delete(tree, bytes(delete.key()));
                    case DeletePrefix delete -> batch.deletePrefix(tree, bytes(delete.prefix()));
                    default -> throw new IllegalStateException("no change for a batch: " + change);
                }
            }
            batch.commit();
        }

        @Override
        public void applyTo(CrashState state) {
            changes.forEach(change -> change.applyTo(state));
        }
    }
}
