package io.holt.internal.tree;

/**
 * What one operation needs and the next one can use again: one a thread, so that point reads and writes allocate
 * nothing. An operation never begins within another one on the same thread.
 */
final class Scratch {

    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    final Descent descent = new Descent();
    final ValueSource value = new ValueSource();

    private Scratch() {}

    static Scratch ofThread() {
        return OF_THREAD.get();
    }
}
