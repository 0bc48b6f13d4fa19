package io.holt.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A file of a {@link SimulatedDisk}: what is seen, what is durable, and what was done since the last sync. */
final class SimulatedNode {

    private static final int PAGE_BYTES = SimulatedPages.PAGE_BYTES;

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

    private final SimulatedPages live;
    private int size;
    private SimulatedPages durable;
    private int durableSize;
    private final List<Change> unsynced = new ArrayList<>();

    SimulatedNode(byte[] content) {
        live = new SimulatedPages();
        live.put(0, content);
        size = content.length;
        durable = live.copy();
        durableSize = size;
    }

    private SimulatedNode(SimulatedPages pages, int size) {
        this.live = pages;
        this.size = size;
        this.durable = pages.copy();
        this.durableSize = size;
    }

    int size() {
        return size;
    }

    byte[] content() {
        byte[] content = new byte[size];
        live.get(0, content);
        return content;
    }

    void read(int offset, long address, int bytes) {
        live.get(offset, address, bytes);
    }

    void write(int offset, byte[] bytes) {
        int sizeAfter = Math.max(size, offset + bytes.length);
        unsynced.add(new Change(offset, bytes, sizeAfter));
        live.put(offset, bytes);
        size = sizeAfter;
    }

    /** Changes bits of a byte behind everybody's back; numbers of pages that hold anything can be asked for. */
    void flip(int offset, int mask) {
        byte[] flipped = new byte[1];
        live.get(offset, flipped);
        flipped[0] ^= (byte) mask;
        live.put(offset, flipped);
    }

    /** Offsets of the pages that hold something else than zeros. */
    List<Integer> writtenPages() {
        return IntStream.range(0, live.count())
                .filter(number -> !live.isZeros(number))
                .mapToObj(number -> number * PAGE_BYTES)
                .toList();
    }

    void resize(int bytes) {
        unsynced.add(new Change(0, null, bytes));
        if (bytes < size) {
            live.cut(bytes);
        }
        size = bytes;
    }

    void sync() {
        durable = live.copy();
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
        if (keptOf8 == 0) {
            return new SimulatedNode(durable.copy(), durableSize);
        }
        if (keptOf8 == 8) {
            return new SimulatedNode(live.copy(), size);
        }
        int sizeMoment = prefix(unsynced.size(), keptOf8, random);
        int foundSize = sizeMoment == 0 ? durableSize : unsynced.get(sizeMoment - 1).sizeAfter;
        SimulatedPages found = durable.copy();
        changesOfSectors(sectorBytes).forEach((sector, changes) -> {
            byte[] bytes = new byte[sectorBytes];
            durable.get(sector, bytes);
            changes.subList(0, prefix(changes.size(), keptOf8, random))
                    .forEach(change -> change.applyTo(bytes, sector));
            found.patch(sector, bytes, durable);
        });
        found.cut(foundSize);
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
        for (int number = from / PAGE_BYTES; number < durable.count(); number++) {
            if (durable.page(number) == null) {
                continue;
            }
            int page = number * PAGE_BYTES;
            for (int sector = page; sector < page + PAGE_BYTES; sector += sectorBytes) {
                if (sector >= from && !sectors.containsKey(sector)) {
                    sectors.put(sector, new ArrayList<>(List.of(change)));
                }
            }
        }
    }

    private static int prefix(int changes, int keptOf8, Random random) {
        return random.nextInt(8) < keptOf8 ? changes : random.nextInt(changes + 1);
    }

    SimulatedNode afterProcessDeath() {
        SimulatedNode copy = new SimulatedNode(live.copy(), size);
        copy.durable = durable.copy();
        copy.durableSize = durableSize;
        copy.unsynced.addAll(unsynced);
        return copy;
    }
}
