package io.holt.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A file of a {@link SimulatedDisk}: what is seen, what is durable, and what was done since the last sync. Pages that
 * were never written take no memory; a page that is in a map is never changed, so maps share them.
 */
final class SimulatedNode {

    private static final int PAGE_BYTES = 4096;
    private static final byte[] ZEROS = new byte[PAGE_BYTES];

    /** A write, or a change of size if there are no bytes. */
    private static final class Change {
        final int offset;
        final byte[] bytes;
        final int sizeAfter;

        Change(int offset, byte[] bytes, int sizeAfter) {
            this.offset = offset;
            this.bytes = bytes;
            this.sizeAfter = sizeAfter;
        }

        /** Does to the bytes of one sector what it did to the file. */
        void applyTo(byte[] target, int sector) {
            int end = sector + target.length;
            if (bytes == null) {
                Arrays.fill(target, Math.clamp(sizeAfter, sector, end) - sector, target.length, (byte) 0);
            } else {
                int from = Math.max(sector, offset);
                int to = Math.min(end, offset + bytes.length);
                System.arraycopy(bytes, from - offset, target, from - sector, to - from);
            }
        }
    }

    private final Map<Integer, byte[]> live;
    private int size;
    private Map<Integer, byte[]> durable;
    private int durableSize;
    private final List<Change> unsynced = new ArrayList<>();

    SimulatedNode(byte[] content) {
        live = new HashMap<>();
        put(live, 0, content);
        size = content.length;
        durable = new HashMap<>(live);
        durableSize = size;
    }

    private SimulatedNode(Map<Integer, byte[]> pages, int size) {
        this.live = pages;
        this.size = size;
        this.durable = new HashMap<>(pages);
        this.durableSize = size;
    }

    int size() {
        return size;
    }

    byte[] content() {
        byte[] content = new byte[size];
        read(0, content);
        return content;
    }

    void read(int offset, byte[] into) {
        get(live, offset, into);
    }

    private static void get(Map<Integer, byte[]> pages, int offset, byte[] into) {
        for (int done = 0, chunk; done < into.length; done += chunk) {
            int at = (offset + done) % PAGE_BYTES;
            chunk = Math.min(into.length - done, PAGE_BYTES - at);
            byte[] page = pages.getOrDefault((offset + done) / PAGE_BYTES, ZEROS);
            System.arraycopy(page, at, into, done, chunk);
        }
    }

    private static void put(Map<Integer, byte[]> pages, int offset, byte[] bytes) {
        for (int done = 0, chunk; done < bytes.length; done += chunk) {
            int number = (offset + done) / PAGE_BYTES;
            int at = (offset + done) % PAGE_BYTES;
            chunk = Math.min(bytes.length - done, PAGE_BYTES - at);
            byte[] page = chunk == PAGE_BYTES
                    ? new byte[PAGE_BYTES]
                    : pages.getOrDefault(number, ZEROS).clone();
            System.arraycopy(bytes, done, page, at, chunk);
            pages.put(number, page);
        }
    }

    private static void cut(Map<Integer, byte[]> pages, int bytes) {
        pages.keySet().removeIf(number -> number >= (bytes + PAGE_BYTES - 1) / PAGE_BYTES);
        int tail = bytes % PAGE_BYTES;
        pages.computeIfPresent(
                bytes / PAGE_BYTES, (number, page) -> Arrays.copyOf(Arrays.copyOf(page, tail), PAGE_BYTES));
    }

    void write(int offset, byte[] bytes) {
        int sizeAfter = Math.max(size, offset + bytes.length);
        unsynced.add(new Change(offset, bytes, sizeAfter));
        put(live, offset, bytes);
        size = sizeAfter;
    }

    /** Changes bits of a byte behind everybody's back; numbers of pages that hold anything can be asked for. */
    void flip(int offset, int mask) {
        byte[] page = live.getOrDefault(offset / PAGE_BYTES, ZEROS).clone();
        page[offset % PAGE_BYTES] ^= (byte) mask;
        live.put(offset / PAGE_BYTES, page);
    }

    /** Offsets of the pages that hold something else than zeros. */
    List<Integer> writtenPages() {
        return live.keySet().stream()
                .filter(number -> !Arrays.equals(live.get(number), ZEROS))
                .sorted()
                .map(number -> number * PAGE_BYTES)
                .toList();
    }

    void resize(int bytes) {
        unsynced.add(new Change(0, null, bytes));
        if (bytes < size) {
            cut(live, bytes);
        }
        size = bytes;
    }

    void sync() {
        durable = new HashMap<>(live);
        durableSize = size;
        unsynced.clear();
    }

    /**
     * Everything was lost, or everything kept, or each sector, for itself, is found as it was after some of the writes
     * to it; and the size is that of any moment since the sync. So what was written later may be found without what
     * was written before, but never within a sector: a device gets those in whole.
     *
     * @param sectorBytes what the device writes whole or not at all; a divisor of 4,096
     */
    SimulatedNode afterPowerLoss(Random random, int sectorBytes) {
        int keptOf8 = random.nextInt(9);
        int sizeMoment = prefix(unsynced.size(), keptOf8, random);
        int foundSize = sizeMoment == 0 ? durableSize : unsynced.get(sizeMoment - 1).sizeAfter;
        Map<Integer, byte[]> found = new HashMap<>(durable);
        changesOfSectors(sectorBytes).forEach((sector, changes) -> {
            byte[] bytes = new byte[sectorBytes];
            get(durable, sector, bytes);
            changes.subList(0, prefix(changes.size(), keptOf8, random))
                    .forEach(change -> change.applyTo(bytes, sector));
            put(found, sector, bytes);
        });
        cut(found, foundSize);
        return new SimulatedNode(found, foundSize);
    }

    /** The changes of each sector that has any, in order. */
    private TreeMap<Integer, List<Change>> changesOfSectors(int sectorBytes) {
        TreeMap<Integer, List<Change>> sectors = new TreeMap<>();
        for (Change change : unsynced) {
            if (change.bytes == null) {
                addCut(change, sectorBytes, sectors);
                continue;
            }
            int first = change.offset / sectorBytes * sectorBytes;
            for (int sector = first; sector < change.offset + change.bytes.length; sector += sectorBytes) {
                sectors.computeIfAbsent(sector, absent -> new ArrayList<>()).add(change);
            }
        }
        return sectors;
    }

    /** A cut changes what was written before behind it, durable or not. */
    private void addCut(Change change, int sectorBytes, TreeMap<Integer, List<Change>> sectors) {
        int from = change.sizeAfter / sectorBytes * sectorBytes;
        sectors.tailMap(from).values().forEach(changes -> changes.add(change));
        for (int number : durable.keySet()) {
            int page = number * PAGE_BYTES;
            for (int sector = page; sector < page + PAGE_BYTES; sector += sectorBytes) {
                if (sector >= from && !sectors.containsKey(sector)) {
                    sectors.put(sector, new ArrayList<>(List.of(change)));
                }
            }
        }
    }

    private static int prefix(int changes, int keptOf8, Random random) {
        if (keptOf8 == 0 || keptOf8 == 8) {
            return keptOf8 == 0 ? 0 : changes;
        }
        return random.nextInt(8) < keptOf8 ? changes : random.nextInt(changes + 1);
    }

    SimulatedNode afterProcessDeath() {
        SimulatedNode copy = new SimulatedNode(new HashMap<>(live), size);
        copy.durable = new HashMap<>(durable);
        copy.durableSize = durableSize;
        copy.unsynced.addAll(unsynced);
        return copy;
    }
}
