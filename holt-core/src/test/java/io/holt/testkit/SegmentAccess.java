package io.holt.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.HoltTree;
import io.holt.api.TreeView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads and writes with keys and values off the heap. */
public final class SegmentAccess {

    private static final byte UNTOUCHED = 0x5A;

    private SegmentAccess() {}

    /** Puts a record that is off the heap, at an address of any alignment. */
    public static void put(HoltTree tree, byte[] key, byte[] value) {
        try (Arena arena = Arena.ofConfined()) {
            tree.put(copy(arena, key), copy(arena, value));
        }
    }

    /** Demands this value, or none if it is null, to targets that are too small, just large enough and larger. */
    public static void compare(TreeView tree, byte[] key, byte[] wanted) {
        int length = wanted == null ? TreeView.ABSENT : wanted.length;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = copy(arena, key);
            for (int room : new int[] {Math.max(0, length - 1), Math.max(0, length), Math.max(0, length) + 9}) {
                MemorySegment target =
                        arena.allocate(room + 1L).asSlice(1, room).fill(UNTOUCHED);
                assertThat(tree.get(segment, target)).isEqualTo(length);
                int filled = room < length ? 0 : Math.max(0, length);
                if (filled > 0) {
                    assertThat(target.asSlice(0, filled).mismatch(MemorySegment.ofArray(wanted)))
                            .isEqualTo(-1);
                }
                for (int i = filled; i < room; i++) {
                    assertThat(target.get(ValueLayout.JAVA_BYTE, i)).isEqualTo(UNTOUCHED);
                }
            }
        }
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        return arena.allocate(bytes.length + 1L).asSlice(1, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }
}
