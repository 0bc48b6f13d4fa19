package io.holt.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ReservedRangesTest {

    private static final long MIB = 1L << 20;
    private static final long GRANULE = 2 * MIB;

    /** The most bytes that fit into so many granules with the padding. */
    private static long granules(int count) {
        return count * GRANULE - ReservedRanges.PADDING_BYTES;
    }

    @Test
    void rangeGivenBackIsDiscardedAndLentAgain() {
        FakePages pages = new FakePages(100 * MIB);
        ReservedRanges ranges = new ReservedRanges(pages, GRANULE, 1, true);
        long first = ranges.take(granules(2));
        ranges.giveBack(first, granules(2));
        assertThat(pages.discarded()).containsExactly(first + "+" + 2 * GRANULE);
        assertThat(ranges.idleBytes()).isEqualTo(2 * GRANULE);
        assertThat(ranges.take(granules(2))).isEqualTo(first);
        assertThat(pages.reservations()).isEqualTo(1);
        ranges.giveBack(first, granules(2));
    }

    @Test
    void smallestRangeThatFitsIsTakenAndTheRestStaysIdle() {
        FakePages pages = new FakePages(100 * MIB);
        ReservedRanges ranges = new ReservedRanges(pages, GRANULE, 1, true);
        long large = ranges.take(granules(8));
        long fitting = ranges.take(granules(3));
        long small = ranges.take(granules(1));
        ranges.giveBack(large, granules(8));
        ranges.giveBack(fitting, granules(3));
        ranges.giveBack(small, granules(1));

        assertThat(ranges.take(granules(2))).isEqualTo(fitting);
        assertThat(ranges.take(granules(4))).isEqualTo(large);
        assertThat(ranges.take(granules(4))).isEqualTo(large + 4 * GRANULE);
        assertThat(ranges.idleBytes()).isEqualTo(2 * GRANULE);
        assertThat(pages.reservations()).isEqualTo(3);
        ranges.giveBack(fitting, granules(2));
        ranges.giveBack(large, granules(4));
        ranges.giveBack(large + 4 * GRANULE, granules(4));
    }

    @Test
    void neighboursAreJoinedInWhateverOrderTheyComeBack() {
        for (int[] order : new int[][] {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
            FakePages pages = new FakePages(6 * GRANULE);
            ReservedRanges ranges = new ReservedRanges(pages, GRANULE, 6, true);
            long[] parts = {ranges.take(granules(1)), ranges.take(granules(2)), ranges.take(granules(3))};
            assertThat(ranges.idleBytes()).isZero();
            for (int part : order) {
                ranges.giveBack(parts[part], granules(part + 1));
            }
            assertThat(ranges.take(granules(6))).isEqualTo(parts[0]);
            assertThat(pages.reservations()).isEqualTo(1);
            ranges.giveBack(parts[0], granules(6));
        }
    }

    @Test
    void refusalIsHandedOnAndLendsNothing() {
        ReservedRanges ranges = new ReservedRanges(new FakePages(GRANULE), GRANULE, 1, true);
        long lentBefore = ReservedRanges.lentBytes();
        assertThat(ranges.take(granules(2))).isEqualTo(-12);
        assertThat(ReservedRanges.lentBytes()).isEqualTo(lentBefore);
        long address = ranges.take(granules(1));
        assertThat(address).isPositive();
        ranges.giveBack(address, granules(1));
    }

    @Test
    void rangesLentAtRandomNeverOverlapWithTheirPadding() {
        record Lent(long address, long bytes) {
            boolean overlaps(Lent other) {
                return address < other.address + other.bytes + ReservedRanges.PADDING_BYTES
                        && other.address < address + bytes + ReservedRanges.PADDING_BYTES;
            }
        }
        long lentBefore = ReservedRanges.lentBytes();
        ReservedRanges ranges = new ReservedRanges(new FakePages(1L << 40), GRANULE, 16, true);
        Random random = new Random(7);
        List<Lent> lent = new ArrayList<>();
        for (int step = 0; step < 5000; step++) {
            if (lent.size() > 40 || (!lent.isEmpty() && random.nextInt(3) == 0)) {
                Lent back = lent.remove(random.nextInt(lent.size()));
                ranges.giveBack(back.address, back.bytes);
            } else {
                long bytes = (1 + random.nextInt(40)) * 512L * 1024;
                Lent taken = new Lent(ranges.take(bytes), bytes);
                assertThat(taken.address % GRANULE).isZero();
                assertThat(lent).noneMatch(taken::overlaps);
                lent.add(taken);
            }
        }
        lent.forEach(range -> ranges.giveBack(range.address, range.bytes));
        assertThat(ReservedRanges.lentBytes()).isEqualTo(lentBefore);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void lockedPagesAreReplaced() throws Throwable {
        LinuxPages pages = new LinuxPages();
        long bytes = 64 * 1024;
        long address = pages.reserve(bytes, 64 * 1024);
        Memory.register(address, bytes);
        assertThat(mlock(address, bytes)).isZero();
        Memory.fill(address, bytes, 9);
        pages.discard(address, bytes);
        assertThat(Pagemap.residentBytes(address, bytes)).isZero();
        for (long at = address; at < address + bytes; at++) {
            assertThat(Memory.getByte(at)).isZero();
        }
        Memory.unregister(address, bytes);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void reservationsHaveTheAlignmentAskedFor() {
        // Far above what the kernel aligns to by itself.
        for (long alignment = 64 * 1024; alignment <= 64 * MIB; alignment *= 2) {
            for (int i = 0; i < 3; i++) {
                assertThat(new LinuxPages().reserve(64 * 1024, alignment) % alignment)
                        .isZero();
            }
        }
        assertThat(new PortablePages().reserve(4096, GRANULE) % GRANULE).isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void moreThanTheAddressSpaceIsRefusedWithErrno() {
        assertThat(new LinuxPages().reserve(1L << 60, GRANULE)).isEqualTo(-12);
    }

    // SAFETY: locks pages that this test reserved.
    @SuppressWarnings("restricted")
    private static int mlock(long address, long bytes) throws Throwable {
        MethodHandle mlock = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().find("mlock").orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        return (int) mlock.invokeExact(address, bytes);
    }
}
