package io.holt.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A file of a {@link SimulatedDisk}: what is seen, what is durable, and what was done since the last sync. */
final class SimulatedNode {

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
        void applyTo(byte[] target, int sector, int end) {
            if (bytes == null) {
                int from = Math.clamp(sizeAfter, sector, end);
                Arrays.fill(target, from, end, (byte) 0);
            } else {
                int from = Math.max(sector, offset);
                System.arraycopy(bytes, from - offset, target, from, Math.min(end, offset + bytes.length) - from);
            }
        }
    }

    private byte[] live;
    private int size;
    private byte[] durable;
    private final List<Change> unsynced = new ArrayList<>();

    SimulatedNode(byte[] content) {
        live = content.clone();
        size = content.length;
        durable = content.clone();
    }

    int size() {
        return size;
    }

    byte[] content() {
        return Arrays.copyOf(live, size);
    }

    void read(int offset, byte[] into) {
        System.arraycopy(live, offset, into, 0, into.length);
    }

    void write(int offset, byte[] bytes) {
        int sizeAfter = Math.max(size, offset + bytes.length);
        unsynced.add(new Change(offset, bytes, sizeAfter));
        live = written(live, offset, bytes);
        size = sizeAfter;
    }

    void resize(int bytes) {
        unsynced.add(new Change(0, null, bytes));
        live = Arrays.copyOf(live, Math.max(bytes, 1));
        size = bytes;
    }

    void sync() {
        durable = content();
        unsynced.clear();
    }

    private static byte[] written(byte[] into, int offset, byte[] bytes) {
        byte[] target = into;
        int end = offset + bytes.length;
        if (end > target.length) {
            target = Arrays.copyOf(target, Math.max(end, 2 * target.length));
        }
        System.arraycopy(bytes, 0, target, offset, bytes.length);
        return target;
    }

    /**
     * Everything was lost, or everything kept, or each sector is found as it was after some of the writes to it, and
     * the size is that of any moment since the sync.
     */
    SimulatedNode afterPowerLoss(Random random) {
        int keptOf8 = random.nextInt(9);
        int sizeMoment = kept(unsynced.size(), keptOf8, random);
        int foundSize = sizeMoment == 0 ? durable.length : unsynced.get(sizeMoment - 1).sizeAfter;
        int longest = Math.max(durable.length, live.length);
        byte[] found = Arrays.copyOf(durable, longest);
        for (int sector = 0; sector < foundSize; sector += SimulatedDisk.SECTOR_BYTES) {
            int end = Math.min(sector + SimulatedDisk.SECTOR_BYTES, longest);
            List<Change> changes = new ArrayList<>();
            for (Change change : unsynced) {
                boolean cut = change.bytes == null && change.sizeAfter < end;
                boolean written =
                        change.bytes != null && change.offset < end && change.offset + change.bytes.length > sector;
                if (cut || written) {
                    changes.add(change);
                }
            }
            for (Change change : changes.subList(0, kept(changes.size(), keptOf8, random))) {
                change.applyTo(found, sector, end);
            }
        }
        return new SimulatedNode(Arrays.copyOf(found, foundSize));
    }

    private static int kept(int changes, int keptOf8, Random random) {
        if (keptOf8 == 0 || keptOf8 == 8) {
            return keptOf8 == 0 ? 0 : changes;
        }
        return random.nextInt(8) < keptOf8 ? changes : random.nextInt(changes + 1);
    }

    SimulatedNode afterProcessDeath() {
        SimulatedNode copy = new SimulatedNode(durable);
        copy.live = live.clone();
        copy.size = size;
        copy.unsynced.addAll(unsynced);
        return copy;
    }
}
