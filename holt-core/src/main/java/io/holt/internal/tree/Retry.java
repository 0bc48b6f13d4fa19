package io.holt.internal.tree;

import io.holt.internal.sync.HybridLatch;

/** How often an optimistic operation begins again before it waits for latches instead. */
final class Retry {

    /** Attempts without latches on the way; after that they are taken. */
    static final int OPTIMISTIC_ATTEMPTS = 64;

    private Retry() {}

    /** Whether an operation that began again so often takes latches on its way, and waits for them. */
    static boolean isPatient(int attempt) {
        return attempt >= OPTIMISTIC_ATTEMPTS;
    }

    /** After a failed attempt: lets other threads go on. */
    static void pause(int attempt) {
        HybridLatch.pause(attempt * 4);
    }
}
