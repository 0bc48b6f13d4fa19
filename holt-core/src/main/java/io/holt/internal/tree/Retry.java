package io.holt.internal.tree;

import io.holt.internal.sync.HybridLatch;

/** How often an optimistic operation begins again before it waits for latches instead. */
final class Retry {

    /** Attempts without latches; after that a reader takes them. */
    static final int OPTIMISTIC_ATTEMPTS = 64;

    private Retry() {}

    /** After a failed attempt: lets other threads go on. */
    static void pause(int attempt) {
        HybridLatch.pause(attempt * 4);
    }
}
