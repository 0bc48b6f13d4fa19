package io.holt.examples.flink;

/** Calls something again and again, on a thread of its own, until it is closed. */
final class Ticker implements AutoCloseable {

    private final Thread thread;

    /** Starts, the first call after one period. */
    Ticker(String name, long periodMillis, Runnable action) {
        this.thread = Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                while (true) {
                    Thread.sleep(periodMillis);
                    action.run();
                }
            } catch (InterruptedException e) {
                // That is how close() ends it.
            }
        });
    }

    /** Returns when the last call is over. */
    @Override
    public void close() {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
