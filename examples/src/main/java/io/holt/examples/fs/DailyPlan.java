package io.holt.examples.fs;

import java.util.Arrays;
import java.util.List;

/** Which files have an event in which slot of a day, and how long their lives are. Immutable. */
final class DailyPlan {

    private static final int SLOTS = FileSystemEvents.SLOTS_A_DAY;
    private static final long ALL_DAY = (1L << SLOTS) - 1;
    private static final long IMMORTAL = Long.MAX_VALUE;

    /** For each file: bit s is set if it has an event in slot s. At least one bit. */
    private final long[] slotsOfFile;

    private final long[] eventsALife;
    private final int[] slotStarts;
    private final int[] filesBySlot;

    private DailyPlan(long[] slotsOfFile, long[] eventsALife, int[] slotStarts, int[] filesBySlot) {
        this.slotsOfFile = slotsOfFile;
        this.eventsALife = eventsALife;
        this.slotStarts = slotStarts;
        this.filesBySlot = filesBySlot;
    }

    static DailyPlan of(List<ListedFile> files, long seed) {
        long[] slotsOfFile = new long[files.size()];
        long[] eventsALife = new long[files.size()];
        for (int file = 0; file < files.size(); file++) {
            long hash = Mix.mix(seed, files.get(file).path().hashCode() * 31L + file);
            slotsOfFile[file] = slotsOfFile(hoursOf(files.get(file).directory(), seed), hash);
            eventsALife[file] = (hash & 3) == 0 ? IMMORTAL : 3 + Mix.below(hash >>> 2, 14);
        }
        int[] slotStarts = slotStarts(slotsOfFile);
        return new DailyPlan(slotsOfFile, eventsALife, slotStarts, filesBySlot(slotsOfFile, slotStarts, seed));
    }

    // One directory in eight is worked on around the clock, four in two spells a day, three in a short one.
    private static long hoursOf(String directory, long seed) {
        long hash = Mix.mix(seed, directory.hashCode());
        int kind = (int) (hash & 7);
        if (kind == 0) {
            return ALL_DAY;
        }
        return kind <= 4
                ? spell(Mix.mix(hash, 1), 4, 8) | spell(Mix.mix(hash, 2), 4, 8)
                : spell(Mix.mix(hash, 3), 2, 6);
    }

    // Slots in a row, around midnight where it comes so.
    private static long spell(long hash, int least, int choices) {
        int length = least + (int) Mix.below(hash >>> 8, choices);
        int start = (int) Mix.below(hash >>> 16, SLOTS);
        long bits = (1L << length) - 1;
        return (bits << start | bits >>> (SLOTS - start)) & ALL_DAY;
    }

    // A file has an event in one to seven eighths of its directory's hours.
    private static long slotsOfFile(long hours, long hash) {
        int eighths = 1 + (int) Mix.below(hash >>> 8, 7);
        long slots = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            if ((hours & 1L << slot) != 0 && (Mix.mix(hash, slot) & 7) < eighths) {
                slots |= 1L << slot;
            }
        }
        return slots != 0 ? slots : Long.lowestOneBit(hours);
    }

    private static int[] slotStarts(long[] slotsOfFile) {
        int[] starts = new int[SLOTS + 1];
        for (long slots : slotsOfFile) {
            for (long left = slots; left != 0; left &= left - 1) {
                starts[Long.numberOfTrailingZeros(left) + 1]++;
            }
        }
        for (int slot = 0; slot < SLOTS; slot++) {
            starts[slot + 1] = Math.addExact(starts[slot + 1], starts[slot]);
        }
        return starts;
    }

    private static int[] filesBySlot(long[] slotsOfFile, int[] slotStarts, long seed) {
        int[] files = new int[slotStarts[SLOTS]];
        int[] next = slotStarts.clone();
        for (int file = 0; file < slotsOfFile.length; file++) {
            for (long left = slotsOfFile[file]; left != 0; left &= left - 1) {
                files[next[Long.numberOfTrailingZeros(left)]++] = file;
            }
        }
        for (int slot = 0; slot < SLOTS; slot++) {
            shuffle(files, slotStarts[slot], slotStarts[slot + 1], Mix.mix(seed, slot));
        }
        return files;
    }

    private static void shuffle(int[] files, int from, int to, long seed) {
        for (int i = to - 1; i > from; i--) {
            int j = from + (int) Mix.below(Mix.mix(seed, i), i - from + 1);
            int file = files[i];
            files[i] = files[j];
            files[j] = file;
        }
    }

    int eventsADay() {
        return slotStarts[SLOTS];
    }

    /** The slot of an event, {@code 0 <= inDay < eventsADay()}. */
    int slotOf(int inDay) {
        int found = Arrays.binarySearch(slotStarts, inDay);
        if (found < 0) {
            return -found - 2;
        }
        // Slots without events start where the next one does: the last of them holds the event.
        int slot = found;
        while (slotStarts[slot + 1] == inDay) {
            slot++;
        }
        return slot;
    }

    /** Events of a day before that slot, {@code 0 <= slot <= SLOTS_A_DAY}. */
    int slotStart(int slot) {
        return slotStarts[slot];
    }

    int file(int slot, int position) {
        return filesBySlot[slotStarts[slot] + position];
    }

    int slotsADay(int file) {
        return Long.bitCount(slotsOfFile[file]);
    }

    /** In how many of the day's slots before that one the file has an event. */
    int slotsBefore(int file, int slot) {
        return Long.bitCount(slotsOfFile[file] & (1L << slot) - 1);
    }

    /** Events from a create to its delete, both counted, at least 3; more than any stream has if there is none. */
    long eventsALife(int file) {
        return eventsALife[file];
    }
}
