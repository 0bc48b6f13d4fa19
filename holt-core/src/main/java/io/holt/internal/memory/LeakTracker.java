package io.holt.internal.memory;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers who holds off-heap memory and from where in the program it was taken, to find leaks. It costs a stack
 * trace each time, so it is off unless the system property {@code holt.leak.traces} is true.
 *
 * <p>Threads: all methods from any thread.
 */
public final class LeakTracker {

    /** For all pools and buffers of this process. */
    static final LeakTracker OF_PROCESS = new LeakTracker(Boolean.getBoolean("holt.leak.traces"));

    private final ConcurrentHashMap<Key, Throwable> holdings = new ConcurrentHashMap<>();
    private final boolean on;

    LeakTracker(boolean on) {
        this.on = on;
    }

    /**
     * Something that was taken and not yet given back.
     *
     * @param what a slab, a slot with its generation, or a plain buffer
     * @param address where it is
     * @param origin thrown by nobody; its stack trace and the thread in its message say who took it
     */
    public record Holding(String what, long address, Throwable origin) {}

    private record Key(String kind, long address) {}

    /** What this process holds now, in order of addresses; empty if the property is off. */
    public static List<Holding> outstandingOfProcess() {
        return OF_PROCESS.outstanding();
    }

    List<Holding> outstanding() {
        return holdings.entrySet().stream()
                .map(entry -> new Holding(entry.getKey().kind(), entry.getKey().address(), entry.getValue()))
                .sorted(Comparator.comparingLong(Holding::address).thenComparing(Holding::what))
                .toList();
    }

    void taken(String kind, long address) {
        if (on) {
            String thread = Thread.currentThread().getName();
            holdings.put(new Key(kind, address), new Throwable(kind + " taken by thread " + thread));
        }
    }

    void givenBack(String kind, long address) {
        if (on) {
            holdings.remove(new Key(kind, address));
        }
    }
}
