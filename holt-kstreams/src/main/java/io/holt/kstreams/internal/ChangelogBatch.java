package io.holt.kstreams.internal;

import io.holt.api.BulkLoader;
import io.holt.api.HoltTree;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A poll's records of a changelog: of each key the last one, in order of the keys, so that neighbours in the tree are
 * written one after the other and a key that changes often is written once.
 */
final class ChangelogBatch {

    private static final byte[] EVERYTHING = {};
    private static final Comparator<ConsumerRecord<byte[], byte[]>> BY_KEY =
            (first, second) -> Arrays.compareUnsigned(first.key(), second.key());

    private final ConsumerRecord<byte[], byte[]>[] newest;
    private final int count;

    @SuppressWarnings({"unchecked", "rawtypes"})
    ChangelogBatch(Collection<ConsumerRecord<byte[], byte[]>> records) {
        newest = records.toArray(new ConsumerRecord[0]);
        // Stable: records of one key stay in the order of the changelog.
        Arrays.sort(newest, BY_KEY);
        int kept = 0;
        for (int i = 0; i < newest.length; i++) {
            if (i + 1 == newest.length || BY_KEY.compare(newest[i], newest[i + 1]) != 0) {
                newest[kept++] = newest[i];
            }
        }
        count = kept;
    }

    /** Writes the records; the caller holds the store's lock and has begun a write. */
    void writeTo(HoltTree tree) {
        if (tree.isPrefixEmpty(EVERYTHING)) {
            load(tree);
            return;
        }
        for (int i = 0; i < count; i++) {
            OpenStore.write(tree, newest[i].key(), newest[i].value());
        }
    }

    /** Into an empty tree, where nothing is to be deleted. */
    private void load(HoltTree tree) {
        try (BulkLoader loader = tree.bulkLoad()) {
            for (int i = 0; i < count; i++) {
                if (newest[i].value() != null) {
                    loader.put(newest[i].key(), newest[i].value());
                }
            }
        }
    }
}
