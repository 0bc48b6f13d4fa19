package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * The end of a scan's range: leaves beyond it need not be copied. For one scan after the other; one thread at a time.
 *
 * <p>May see torn bytes: what it says of them is thrown away with the rest.
 */
final class LeafBound {

    private byte[] end;
    private boolean inclusive;
    private boolean reverse;

    /**
     * Sets the last key of a scan in its direction.
     *
     * @param key kept, not copied; null for none
     */
    void set(byte[] key, boolean isWanted, boolean descending) {
        end = key;
        inclusive = isWanted;
        reverse = descending;
    }

    /** How many of the first leaves lie within the bound. */
    int within(LeafRun run) {
        int leaves = run.count();
        if (end == null || leaves == 0) {
            return leaves;
        }
        long frame = run.frame();
        int base = FrameHeader.basePathBytes(frame);
        int shared = Math.min(base, end.length);
        int order = ByteSearch.compare(FrameHeader.basePath(frame), shared, end, 0, shared);
        if (order != 0) {
            return (order < 0) == reverse ? 0 : leaves;
        }
        if (base > end.length) {
            return reverse ? leaves : 0;
        }
        if (isWithin(frame, run.units()[leaves - 1], base)) {
            return leaves;
        }
        int low = 0;
        int high = leaves - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isWithin(frame, run.units()[middle], base)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isWithin(long frame, int unit, int base) {
        long leaf = Nodes.address(frame, unit);
        long header = Memory.getLong(leaf);
        int order = ByteSearch.compare(Leaf.key(leaf, header), Leaf.keyBytes(header), end, base, end.length - base);
        return order == 0 ? inclusive : (order < 0) != reverse;
    }
}
