package io.holt.flink.backend;

import io.holt.flink.layout.StateTrees;
import io.holt.flink.snapshot.UploadHistory;
import java.util.UUID;

/**
 * The state a backend begins with.
 *
 * @param history what the next incremental checkpoint may build on
 * @param backendId the id of the backend whose history that is
 */
record RestoredState(StateTrees trees, UploadHistory history, UUID backendId) {

    /** Of a backend whose checkpoints build on none of before. */
    static RestoredState withoutHistory(StateTrees trees) {
        return new RestoredState(trees, new UploadHistory(), UUID.randomUUID());
    }
}
