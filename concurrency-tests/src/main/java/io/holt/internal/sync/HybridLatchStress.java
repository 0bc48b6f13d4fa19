package io.holt.internal.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.holt.internal.memory.Memory;
import io.holt.stress.SharedWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** I1 and I2 on the latch alone: every interleaving of two threads on one or a few latches. */
public final class HybridLatchStress {

    private static final long DISTURBED = -1;

    private HybridLatchStress() {}

    private static long data(long latch) {
        return latch + SharedWords.OTHER_LINE;
    }

    /** A reader takes two words beside a writer that changes both. */
    @JCStressTest
    @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "The writer held the latch, or let go of it, meanwhile.")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The reader validated before the writer took the latch.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The reader began after the writer let go.")
    @Outcome(expect = FORBIDDEN, desc = "Validated, and half of a change was seen.")
    @State
    public static class ValidatedRead {
        private final long latch = SharedWords.block();

        @Actor
        public void writer() {
            long version = HybridLatch.lock(latch);
            Memory.putLong(data(latch), 1);
            Memory.putLong(data(latch) + 8, 1);
            HybridLatch.unlock(latch, version);
        }

        @Actor
        public void reader(JJ_Result r) {
            long version = HybridLatch.tryReadVersion(latch);
            long first = Memory.getLong(data(latch));
            long second = Memory.getLong(data(latch) + 8);
            boolean whole = !HybridLatch.isHeld(version) && HybridLatch.validate(latch, version);
            r.r1 = whole ? first : DISTURBED;
            r.r2 = whole ? second : DISTURBED;
        }

        /** Words of a block are not all cleared when it is handed out. */
        public ValidatedRead() {
            Memory.putLong(data(latch) + 8, 0);
        }
    }

    /** Two writers each read, add and write under the latch. */
    @JCStressTest
    @Outcome(id = "2, 4", expect = ACCEPTABLE, desc = "One after the other, and each left a greater version.")
    @Outcome(expect = FORBIDDEN, desc = "Both were inside at a time, or a change left no version behind.")
    @State
    public static class TwoWriters {
        private final long latch = SharedWords.block();

        private void add() {
            long version = HybridLatch.lock(latch);
            Memory.putLong(data(latch), Memory.getLong(data(latch)) + 1);
            HybridLatch.unlock(latch, version);
        }

        @Actor
        public void one() {
            add();
        }

        @Actor
        public void two() {
            add();
        }

        @Arbiter
        public void after(JJ_Result r) {
            r.r1 = Memory.getLong(data(latch));
            r.r2 = HybridLatch.tryReadVersion(latch);
        }
    }

    /** Two upgrades from one version. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "The first one holds the latch.")
    @Outcome(expect = FORBIDDEN, desc = "Both hold it, or nobody does.")
    @State
    public static class TwoUpgrades {
        private final long latch = SharedWords.block();

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = HybridLatch.tryUpgrade(latch, 0);
        }

        @Actor
        public void two(ZZ_Result r) {
            r.r2 = HybridLatch.tryUpgrade(latch, 0);
        }
    }

    /** One reads without a latch and upgrades from that version to add one; the other one latches and adds ten. */
    @JCStressTest
    @Outcome(id = "1, 11", expect = ACCEPTABLE, desc = "The upgrade was from the newest version: both additions count.")
    @Outcome(id = "0, 10", expect = ACCEPTABLE, desc = "The other one came between; the upgrade was refused.")
    @Outcome(expect = FORBIDDEN, desc = "An upgrade from a version that is of the past: an addition is lost.")
    @State
    public static class UpgradeFromWhatWasRead {
        private final long latch = SharedWords.block();
        private long upgraded;

        @Actor
        public void upgrading() {
            long version = HybridLatch.tryReadVersion(latch);
            long seen = Memory.getLong(data(latch));
            if (HybridLatch.tryUpgrade(latch, version)) {
                Memory.putLong(data(latch), seen + 1);
                HybridLatch.unlock(latch, version);
                upgraded = 1;
            }
        }

        @Actor
        public void latching() {
            long version = HybridLatch.lock(latch);
            Memory.putLong(data(latch), Memory.getLong(data(latch)) + 10);
            HybridLatch.unlock(latch, version);
        }

        @Arbiter
        public void after(JJ_Result r) {
            r.r1 = upgraded;
            r.r2 = Memory.getLong(data(latch));
        }
    }

    /** A holder that changes nothing gives the version back as it was, beside one that changes something. */
    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "One after the other, in either order.")
    @Outcome(expect = FORBIDDEN, desc = "The version of the change was taken back.")
    @State
    public static class HolderThatChangesNothing {
        private final long latch = SharedWords.block();

        @Actor
        public void looking() {
            HybridLatch.unlockUnchanged(latch, HybridLatch.lock(latch));
        }

        @Actor
        public void changing() {
            long version = HybridLatch.lock(latch);
            Memory.putLong(data(latch), 1);
            HybridLatch.unlock(latch, version);
        }

        @Arbiter
        public void after(JJ_Result r) {
            r.r1 = Memory.getLong(data(latch));
            r.r2 = HybridLatch.tryReadVersion(latch);
        }
    }

    /**
     * A walk crosses from a parent to the child that it names, while a record moves from one child to the other: what
     * is done when frames are divided or joined.
     */
    @JCStressTest
    @Outcome(id = "7", expect = ACCEPTABLE, desc = "The record was found, where it was or where it is.")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "One of the two frames changed meanwhile.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "A child was read that its parent did not name any more.")
    @Outcome(expect = FORBIDDEN, desc = "Something that was never there.")
    @State
    public static class CrossingWhileARecordMoves {
        private static final long RECORD = 7;

        private final long parent = SharedWords.block();
        private final long left = SharedWords.block();
        private final long right = SharedWords.block();

        public CrossingWhileARecordMoves() {
            Memory.putLong(data(parent), left);
            Memory.putLong(data(left), RECORD);
        }

        @Actor
        public void mover() {
            long parentVersion = HybridLatch.lock(parent);
            long leftVersion = HybridLatch.lock(left);
            long rightVersion = HybridLatch.lock(right);
            Memory.putLong(data(right), RECORD);
            Memory.putLong(data(left), 0);
            Memory.putLong(data(parent), right);
            HybridLatch.unlock(right, rightVersion);
            HybridLatch.unlock(left, leftVersion);
            HybridLatch.unlock(parent, parentVersion);
        }

        @Actor
        public void reader(J_Result r) {
            r.r1 = DISTURBED;
            long parentVersion = HybridLatch.tryReadVersion(parent);
            long child = Memory.getLong(data(parent));
            // As in a walk, the child's version is taken before the parent's is validated.
            long childVersion = HybridLatch.tryReadVersion(child);
            if (HybridLatch.isHeld(parentVersion)
                    || HybridLatch.isHeld(childVersion)
                    || !HybridLatch.validate(parent, parentVersion)) {
                return;
            }
            long record = Memory.getLong(data(child));
            if (HybridLatch.validate(child, childVersion)) {
                r.r1 = record;
            }
        }
    }
}
