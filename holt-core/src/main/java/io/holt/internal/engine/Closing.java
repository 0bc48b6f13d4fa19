package io.holt.internal.engine;

import java.util.ArrayDeque;
import java.util.Deque;

/** Things to be closed together, the last one first, unless they are released; one failure does not spare the rest. */
final class Closing implements AutoCloseable {

    private final Deque<AutoCloseable> things = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T thing) {
        things.push(thing);
        return thing;
    }

    /** They stay open. */
    void release() {
        things.clear();
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        for (AutoCloseable thing : things) {
            try {
                thing.close();
            } catch (RuntimeException e) {
                failure = first(failure, e);
            } catch (Exception e) {
                failure = first(failure, new IllegalStateException(e));
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException first(RuntimeException earlier, RuntimeException later) {
        if (earlier == null) {
            return later;
        }
        earlier.addSuppressed(later);
        return earlier;
    }
}
