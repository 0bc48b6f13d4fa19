package io.holt.internal.tree;

import io.holt.internal.art.ArtPrefix;
import io.holt.internal.art.Signal;
import io.holt.internal.sync.HybridLatch;
import java.util.Arrays;

/**
 * Finds the longest key that is a prefix of given bytes. The answer rests on every frame of the path, so in the present
 * all of them are validated at the end (I2): there was a moment in which each was as it was read. Who was disturbed too
 * often holds the latches of all of them until then. What a snapshot sees is of one moment anyway (I5): there each
 * frame is validated when the next one is entered, and need not be in memory any more at the end. One a thread.
 */
final class PrefixMatch {

    private static final int TORN = -2;

    private long[] frames = new long[8];
    private long[] versions = new long[8];
    private int[] blobIds = new int[8];
    private boolean[] latched = new boolean[8];
    private int count;

    /** Answers the key's length, or -1 if there is none. */
    int find(TreeCore core, ReadView view, TreeState tree, byte[] bytes) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            boolean stands;
            int length;
            try {
                length = attempt(at, view, tree, bytes, Retry.isPatient(attempt));
                stands = length != TORN && at.validate(view) && (!view.isLive() || isUnchanged(view));
            } finally {
                at.letGo();
                letGo();
            }
            if (stands && !(view.isLive() && tree.isDropped())) {
                return length;
            }
            core.restart(view, tree, attempt);
        }
    }

    private int attempt(Descent at, ReadView view, TreeState tree, byte[] bytes, boolean latching) {
        count = 0;
        int best = -1;
        boolean entered = at.start(view, tree.rootBlobId(), latching);
        at.keepParents(latching && view.isLive());
        while (entered) {
            long result = ArtPrefix.find(at.frame, bytes, bytes.length);
            long signal = ArtPrefix.signal(result);
            if (Signal.code(signal) == Signal.TORN) {
                return TORN;
            }
            best = Math.max(best, ArtPrefix.length(result));
            if (Signal.code(signal) != Signal.CROSS) {
                return best;
            }
            remember(at);
            entered = at.cross(view, Signal.payload(signal));
            latched[count - 1] = at.takeOverParent();
        }
        return TORN;
    }

    private void remember(Descent at) {
        if (count == frames.length) {
            frames = Arrays.copyOf(frames, 2 * count);
            versions = Arrays.copyOf(versions, 2 * count);
            blobIds = Arrays.copyOf(blobIds, 2 * count);
            latched = Arrays.copyOf(latched, 2 * count);
        }
        frames[count] = at.frame;
        versions[count] = at.version;
        blobIds[count] = at.blobId;
        latched[count] = false;
        count++;
    }

    private boolean isUnchanged(ReadView view) {
        for (int i = 0; i < count; i++) {
            boolean valid = latched[i] || HybridLatch.validate(frames[i], versions[i]);
            if (!valid || !view.stillAt(blobIds[i], frames[i])) {
                return false;
            }
        }
        return true;
    }

    private void letGo() {
        for (int i = 0; i < count; i++) {
            if (latched[i]) {
                latched[i] = false;
                HybridLatch.unlockUnchanged(frames[i], versions[i]);
            }
        }
    }
}
