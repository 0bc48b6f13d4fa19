package io.holt.internal.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A writer on the gate's shared side changes two things; who is on the exclusive side must see both or none. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The gate was closed before the writer entered.")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Closing waited until the writer had left.")
@Outcome(expect = FORBIDDEN, desc = "A writer was inside while the gate was closed, or what it did was not seen.")
@State
public class WriterGateStress {
    private static final int INSIDE_SPINS = 8;

    private final WriterGate gate = new WriterGate();
    private int first;
    private int second;

    @Actor
    public void writer() {
        int stripe = gate.enter();
        first = 1;
        second = 1;
        gate.exit(stripe);
    }

    @Actor
    public void closer(II_Result r) {
        gate.close();
        r.r2 = second;
        // Stays inside for a while: a writer that slipped in shows only later.
        for (int i = 0; i < INSIDE_SPINS; i++) {
            Thread.onSpinWait();
        }
        r.r1 = first;
        gate.open();
    }
}
