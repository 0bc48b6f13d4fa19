package io.holt.internal.tree;

import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Point reads of one tree, of the present or of a snapshot. Latency-critical. Writes nothing that others see, takes no
 * latch unless it was disturbed {@link Retry#OPTIMISTIC_ATTEMPTS} times (I2). Threads: any.
 */
public final class TreeReader {

    private static final int TORN = -2;

    private final TreeCore core;
    private final ReadView view;
    private final ReadView scanView;
    private final TreeState tree;
    private final int rootBlobId;

    TreeReader(TreeCore core, ReadView view, ReadView scanView, TreeState tree) {
        this.core = core;
        this.scanView = scanView;
        this.view = view;
        this.tree = tree;
        this.rootBlobId = tree.rootBlobId();
    }

    /** Copies a value; answers its length, or {@link TreeView#ABSENT}; copies nothing if there is no room for it. */
    public int get(byte[] key, int offset, int bytes, byte[] target, int targetOffset) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            long signal = descend(at, key, offset, bytes, attempt);
            int length = TORN;
            if (Signal.code(signal) == Signal.ABSENT) {
                length = TreeView.ABSENT;
            } else if (Signal.code(signal) == Signal.FOUND) {
                length = copyValue(at, signal, target, targetOffset);
            }
            if (settled(at, length, attempt)) {
                return length;
            }
        }
    }

    /** The value as a new array, or null. */
    public byte[] get(byte[] key, int offset, int bytes) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            long signal = descend(at, key, offset, bytes, attempt);
            byte[] value = null;
            int length = Signal.code(signal) == Signal.ABSENT ? TreeView.ABSENT : TORN;
            if (Signal.code(signal) == Signal.FOUND) {
                value = copyOfValue(at, leafOf(at, signal));
                length = value == null ? TORN : value.length;
            }
            if (settled(at, length, attempt)) {
                return value;
            }
        }
    }

    /** The value that a leaf holds, or null if what it says makes no sense. */
    private byte[] copyOfValue(Descent at, long leaf) {
        long header = Memory.getLong(leaf);
        int length = Leaf.valueBytes(header);
        if (length < 0) {
            return null;
        }
        if (!Leaf.isLarge(header)) {
            if (length > Leaf.MAX_INLINE_VALUE_BYTES) {
                return null;
            }
            byte[] value = array(at, length);
            Memory.copyToArray(Leaf.value(leaf, header), value, 0, length);
            return value;
        }
        // Only a length that is true is worth the memory.
        if (!at.validate(view)) {
            return null;
        }
        boolean copied = false;
        try {
            byte[] value = new byte[length];
            copied = copyParts(leaf, header, MemorySegment.ofArray(value));
            return copied ? value : null;
        } finally {
            if (!copied) {
                at.letGo();
            }
        }
    }

    private static byte[] array(Descent at, int length) {
        try {
            return new byte[length];
        } catch (OutOfMemoryError e) {
            at.letGo();
            throw e;
        }
    }

    /** As {@link #get(byte[], int, int, byte[], int)}, to a segment. */
    public int get(byte[] key, int offset, int bytes, MemorySegment target) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            long signal = descend(at, key, offset, bytes, attempt);
            int length = Signal.code(signal) == Signal.ABSENT ? TreeView.ABSENT : TORN;
            if (Signal.code(signal) == Signal.FOUND) {
                length = copyValue(at, signal, target);
            }
            if (settled(at, length, attempt)) {
                return length;
            }
        }
    }

    public boolean contains(byte[] key, int offset, int bytes) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            long signal = descend(at, key, offset, bytes, attempt);
            if (settled(at, signal == Descent.RESTART ? TORN : 0, attempt)) {
                return Signal.code(signal) == Signal.FOUND;
            }
        }
    }

    /** The version of a record, {@link TreeView#NO_VERSION} or {@link TreeView#ABSENT}. */
    public long version(byte[] key, int offset, int bytes) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            long signal = descend(at, key, offset, bytes, attempt);
            long version = signal == Descent.RESTART ? TORN : RecordVersions.of(at.frame, signal);
            if (settled(at, version == TORN ? TORN : 0, attempt)) {
                return version;
            }
        }
    }

    /** As {@link TreeView#getMany}; arguments are checked. */
    public void getMany(byte[][] keys, int count, byte[][] targets, int[] lengths) {
        Scratch.ofThread().many().read(this, view, tree, keys, count, targets, lengths);
    }

    /** Length of the longest key that is a prefix of these bytes, or {@link TreeView#ABSENT}. */
    public int longestPrefix(byte[] bytes) {
        return Scratch.ofThread().prefixMatch().find(core, view, tree, bytes);
    }

    /** As {@link TreeView#visit}. */
    public long visit(Scan scan, RecordVisitor visitor) {
        return TreeVisit.visit(core, scanView, tree, scan, visitor);
    }

    /** As {@link TreeView#visitMany}; arguments are checked. */
    public long visitMany(byte[][] prefixes, int count, int most, RecordVisitor visitor, int[] counts) {
        Scratch scratch = Scratch.ofThread();
        ManyVisitor many = scratch.takeManyVisitor();
        try {
            return many.visit(this, view, tree, prefixes, count, most, visitor, counts);
        } finally {
            scratch.keepManyVisitor(many);
        }
    }

    private long descend(Descent at, byte[] key, int offset, int bytes, int attempt) {
        return at.find(view, rootBlobId, key, offset, bytes, Retry.isPatient(attempt));
    }

    /** Whether what was read stands; else pauses before the next attempt. */
    private boolean settled(Descent at, int length, int attempt) {
        boolean stands = length != TORN && at.validate(view) && !isDropped();
        at.letGo();
        if (!stands) {
            core.restart(view, tree, attempt);
        }
        return stands;
    }

    /** Asked after validation: by then the blobs of a tree that was dropped may belong to another one. */
    private boolean isDropped() {
        return view.isLive() && tree.isDropped();
    }

    private static long leafOf(Descent at, long signal) {
        return at.frame + ((long) Signal.payload(signal) << FrameHeader.UNIT_SHIFT);
    }

    private int copyValue(Descent at, long signal, byte[] target, int targetOffset) {
        long leaf = leafOf(at, signal);
        long header = Memory.getLong(leaf);
        int length = Leaf.valueBytes(header);
        if (length < 0) {
            return TORN;
        }
        if (length > target.length - targetOffset) {
            return length;
        }
        if (Leaf.isLarge(header)) {
            MemorySegment segment = MemorySegment.ofArray(target).asSlice(targetOffset, length);
            return copyLarge(at, leaf, header, segment) ? length : TORN;
        }
        if (length > Leaf.MAX_INLINE_VALUE_BYTES) {
            return TORN;
        }
        Memory.copyToArray(Leaf.value(leaf, header), target, targetOffset, length);
        return length;
    }

    private int copyValue(Descent at, long signal, MemorySegment target) {
        long leaf = leafOf(at, signal);
        long header = Memory.getLong(leaf);
        int length = Leaf.valueBytes(header);
        if (length < 0) {
            return TORN;
        }
        if (length > target.byteSize()) {
            return length;
        }
        if (Leaf.isLarge(header)) {
            return copyLarge(at, leaf, header, target) ? length : TORN;
        }
        if (length > Leaf.MAX_INLINE_VALUE_BYTES) {
            return TORN;
        }
        boolean copied = false;
        try {
            Memory.copyToSegment(Leaf.value(leaf, header), target, 0, length);
            copied = true;
        } finally {
            // The target may be closed or read-only.
            if (!copied) {
                at.letGo();
            }
        }
        return length;
    }

    private boolean copyLarge(Descent at, long leaf, long header, MemorySegment target) {
        boolean copied = false;
        try {
            copied = at.validate(view) && copyParts(leaf, header, target);
            return copied;
        } finally {
            // Reading in a part may throw, and a latch that is held by nobody would be held for ever.
            if (!copied) {
                at.letGo();
            }
        }
    }

    private boolean copyParts(long leaf, long header, MemorySegment target) {
        int[] parts = LargeValues.partsOf(leaf, header);
        return core.largeValues().read(view, parts, Leaf.valueBytes(header), target);
    }
}
