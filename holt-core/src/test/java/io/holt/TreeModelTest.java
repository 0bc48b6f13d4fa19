package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.testkit.ModelDb;
import io.holt.testkit.Program;
import io.holt.testkit.ProgramRunner;
import io.holt.testkit.Programs;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random programs on the engine and on sorted maps give the same answers at every step. */
class TreeModelTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(192L << 20).build();

    @Property(tries = 150)
    void smallKeys(@ForAll("small") List<Program.Step> program) {
        agree(program);
    }

    @Property(tries = 60)
    void wideAndDeepKeys(@ForAll("wide") List<Program.Step> program) {
        agree(program);
    }

    @Property(tries = 40)
    void manyRecordsOverSeveralFrames(@ForAll("bulky") List<Program.Step> program) {
        agree(program);
    }

    @Provide
    Arbitrary<List<Program.Step>> small() {
        return Programs.ofSteps(Programs.smallKeys(), Programs.smallValues(), 120);
    }

    @Provide
    Arbitrary<List<Program.Step>> wide() {
        return Programs.ofSteps(Programs.anyKeys(), Programs.anyValues(), 60);
    }

    @Provide
    Arbitrary<List<Program.Step>> bulky() {
        return Programs.ofSteps(Programs.pathKeys(), Programs.mediumValues(), 400);
    }

    private static void agree(List<Program.Step> program) {
        try (HoltDb db = Holt.inMemory(OPTIONS);
                HoltDb model = new ModelDb()) {
            new ProgramRunner(db, model).run(program);
            assertThat(db.stats().preImages()).isZero();
        }
    }
}
