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

    /** Everything was lost, or everything kept, or some sectors of some writes; the size may be that of any moment. */
    SimulatedNode afterPowerLoss(Random random) {
        int keptOf8 = random.nextInt(9);
        byte[] found = durable.clone();
        int foundSize = durable.length;
        for (Change change : unsynced) {
            if (change.bytes == null) {
                if (random.nextInt(8) < keptOf8) {
                    foundSize = change.sizeAfter;
                    found = Arrays.copyOf(found, Math.max(foundSize, 1));
                }
                continue;
            }
            int at = change.offset;
            int end = change.offset + change.bytes.length;
            while (at < end) {
                int next = Math.min(end, (at / SimulatedDisk.SECTOR_BYTES + 1) * SimulatedDisk.SECTOR_BYTES);
                if (random.nextInt(8) < keptOf8) {
                    byte[] sector = Arrays.copyOfRange(change.bytes, at - change.offset, next - change.offset);
                    found = written(found, at, sector);
                    foundSize = Math.max(foundSize, next);
                }
                at = next;
            }
        }
        return new SimulatedNode(Arrays.copyOf(found, foundSize));
    }

    SimulatedNode afterProcessDeath() {
        SimulatedNode copy = new SimulatedNode(durable);
        copy.live = live.clone();
        copy.size = size;
        copy.unsynced.addAll(unsynced);
        return copy;
    }
}
