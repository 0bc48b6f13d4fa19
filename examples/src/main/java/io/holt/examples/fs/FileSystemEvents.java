package io.holt.examples.fs;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * A stream of create, resize and delete events over a listing, in which any event can be had by its index at once: a
 * source that remembers one number resumes exactly. Same listing, seed and index: same event, on any machine.
 * Immutable; threads: any.
 *
 * <p>The stream is a sequence of equal days of {@value #SLOTS_A_DAY} slots of half an hour. A directory is
 * worked on in its own hours, some around the clock, most in one or two spells, so directories fall idle and
 * come back each day. In a slot each file that belongs to it has one event, in shuffled order. What event it is
 * follows from how often the file has been named before, which is counted from its slots and not by replaying:
 * a file's life is a create, resizes and a delete, then the next life begins; a quarter of the files is never
 * deleted.
 *
 * <p>Event time never goes back, starts at {@value #START_MILLIS} and is spread evenly over each slot.
 */
public final class FileSystemEvents implements Iterable<FileSystemEvent> {

    /** Event time of the first slot's beginning: 2026-01-01T00:00:00Z. */
    public static final long START_MILLIS = 1_767_225_600_000L;

    /** Event time of a slot: half an hour. */
    public static final long SLOT_MILLIS = 30 * 60 * 1000L;

    /** Slots after which the pattern of activity repeats. */
    public static final int SLOTS_A_DAY = 48;

    private final List<ListedFile> files;
    private final long seed;
    private final long count;
    private final DailyPlan plan;

    /**
     * @param count how many events the stream has, at least 1
     * @throws IllegalArgumentException if the count is less than 1
     */
    public FileSystemEvents(FileListing listing, long seed, long count) {
        if (count < 1) {
            throw new IllegalArgumentException("a stream has at least one event, not " + count);
        }
        this.files = Objects.requireNonNull(listing, "listing").files();
        this.seed = seed;
        this.count = count;
        this.plan = DailyPlan.of(files, seed);
    }

    public long count() {
        return count;
    }

    /** How many events make a day. */
    public int eventsADay() {
        return plan.eventsADay();
    }

    /** Event time of the last event. */
    public long lastTimestampMillis() {
        return event(count - 1).timestampMillis();
    }

    /**
     * The event at that index.
     *
     * @throws IndexOutOfBoundsException unless {@code 0 <= index < count()}
     */
    public FileSystemEvent event(long index) {
        Objects.checkIndex(index, count);
        long day = index / plan.eventsADay();
        int inDay = (int) (index % plan.eventsADay());
        int slot = plan.slotOf(inDay);
        int inSlot = inDay - plan.slotStart(slot);
        int slotEvents = plan.slotStart(slot + 1) - plan.slotStart(slot);
        int file = plan.file(slot, (int) ((inSlot + turn(day, slot, slotEvents)) % slotEvents));

        long earlier = day * plan.slotsADay(file) + plan.slotsBefore(file, slot);
        long inLife = earlier % plan.eventsALife(file);
        ListedFile listed = files.get(file);
        EventKind kind = inLife == 0
                ? EventKind.CREATE
                : inLife == plan.eventsALife(file) - 1 ? EventKind.DELETE : EventKind.RESIZE;
        long timestamp = START_MILLIS + (day * SLOTS_A_DAY + slot) * SLOT_MILLIS + inSlot * SLOT_MILLIS / slotEvents;
        return new FileSystemEvent(
                index,
                kind,
                listed.module(),
                listed.path(),
                listed.directory(),
                sizeAfter(kind, listed.size(), file, earlier),
                timestamp);
    }

    // A slot's order is shuffled once; each day begins elsewhere in it.
    private long turn(long day, int slot, int slotEvents) {
        return Mix.below(Mix.mix(seed + day, slot), slotEvents);
    }

    // Created at its real size, resized to between half and twice of it.
    private long sizeAfter(EventKind kind, long realSize, int file, long earlier) {
        return switch (kind) {
            case CREATE -> realSize;
            case RESIZE -> realSize / 2 + Mix.below(Mix.mix(seed ^ file, earlier), realSize + realSize / 2 + 1);
            case DELETE -> 0;
        };
    }

    /** All events in order. */
    @Override
    public Iterator<FileSystemEvent> iterator() {
        return from(0);
    }

    /**
     * The events from that index on, in order.
     *
     * @throws IndexOutOfBoundsException unless {@code 0 <= index <= count()}
     */
    public Iterator<FileSystemEvent> from(long index) {
        Objects.checkFromToIndex(index, count, count);
        return new Iterator<>() {
            private long next = index;

            @Override
            public boolean hasNext() {
                return next < count;
            }

            @Override
            public FileSystemEvent next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the stream has " + count + " events");
                }
                return event(next++);
            }
        };
    }
}
