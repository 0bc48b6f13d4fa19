package io.holt.internal.buffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import io.holt.stress.SharedWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;

/** The frame table alone, and with a latch as readers use both. */
public final class FrameTableStress {

    /** An id that makes the array of a new table grow. */
    private static final int FAR = 3000;

    private static final long DISTURBED = -1;

    private FrameTableStress() {}

    private static long data(long frame) {
        return frame + SharedWords.OTHER_LINE;
    }

    /** A frame is written by plain stores, then set; a reader follows the address. */
    @JCStressTest
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "The address was not there yet.")
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "The address was there, and what it leads to.")
    @Outcome(expect = FORBIDDEN, desc = "The address was seen before what it leads to.")
    @State
    public static class SetAndFollowed {
        private final FrameTable table = new FrameTable();
        private final long frame = SharedWords.block();

        @Actor
        public void setter() {
            Memory.putLong(data(frame), 42);
            table.set(5, frame);
        }

        @Actor
        public void reader(J_Result r) {
            long address = table.address(5);
            r.r1 = address == 0 ? -1 : Memory.getLong(data(address));
        }
    }

    /** As {@link SetAndFollowed}, with an id for which the array grows. */
    @JCStressTest
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "The address was not there yet.")
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "The longer array was seen with all that is in it.")
    @Outcome(expect = FORBIDDEN, desc = "The longer array, or the frame, was seen before its content.")
    @State
    public static class GrownAndFollowed {
        private final FrameTable table = new FrameTable();
        private final long frame = SharedWords.block();

        @Actor
        public void setter() {
            Memory.putLong(data(frame), 42);
            table.set(FAR, frame);
        }

        @Actor
        public void reader(J_Result r) {
            long address = table.address(FAR);
            r.r1 = address == 0 ? -1 : Memory.getLong(data(address));
        }
    }

    /** An address is set while another thread makes the array grow. */
    @JCStressTest
    @Outcome(id = "8, 16", expect = ACCEPTABLE, desc = "Both are there.")
    @Outcome(expect = FORBIDDEN, desc = "A setting went to the array that was left behind.")
    @State
    public static class SetWhileItGrows {
        private final FrameTable table = new FrameTable();

        @Actor
        public void near() {
            table.set(1, 8);
        }

        @Actor
        public void far() {
            table.set(FAR, 16);
        }

        @Arbiter
        public void after(JJ_Result r) {
            r.r1 = table.address(1);
            r.r2 = table.address(FAR);
        }
    }

    /** What is in the table stays in sight while it grows. */
    @JCStressTest
    @Outcome(id = "8, 0", expect = ACCEPTABLE, desc = "Before the array grew.")
    @Outcome(id = "8, 16", expect = ACCEPTABLE, desc = "After that.")
    @Outcome(expect = FORBIDDEN, desc = "A frame that was in memory all the time was missed.")
    @State
    public static class ReadWhileItGrows {
        private final FrameTable table = new FrameTable();

        public ReadWhileItGrows() {
            table.set(1, 8);
        }

        @Actor
        public void far() {
            table.set(FAR, 16);
        }

        @Actor
        public void reader(JJ_Result r) {
            r.r2 = table.address(FAR);
            r.r1 = table.address(1);
        }
    }

    /**
     * A blob is freed and its slot goes to another one, while a reader looks for the first one: address, version,
     * content, version and address again.
     */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "It was read before it was freed.")
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "It was gone.")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "The slot's latch, or the table, changed meanwhile.")
    @Outcome(id = "2", expect = FORBIDDEN, desc = "What was read and validated is another blob's.")
    @Outcome(expect = FORBIDDEN, desc = "Something that was never there.")
    @State
    public static class SlotOfAnotherBlob {
        private final FrameTable table = new FrameTable();
        private final long slot = SharedWords.block();

        public SlotOfAnotherBlob() {
            Memory.putLong(data(slot), 1);
            table.set(1, slot);
        }

        @Actor
        public void owner() {
            long version = HybridLatch.lock(slot);
            table.set(1, FrameTable.GONE);
            Memory.putLong(data(slot), 2);
            table.set(2, slot);
            HybridLatch.unlock(slot, version);
        }

        @Actor
        public void reader(J_Result r) {
            long address = table.address(1);
            if (address == FrameTable.GONE) {
                r.r1 = 0;
                return;
            }
            long version = HybridLatch.tryReadVersion(address);
            long content = Memory.getLong(data(address));
            boolean stands = !HybridLatch.isHeld(version)
                    && HybridLatch.validate(address, version)
                    && table.address(1) == address;
            r.r1 = stands ? content : DISTURBED;
        }
    }
}
