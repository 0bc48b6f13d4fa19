package io.holt.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KillPlanTest {

    private final KillPlan plan = new KillPlan(3_000, 2);

    @Test
    void killsAreSpreadOverTheStream() {
        assertThat(plan.killAt(0)).isEqualTo(1_000);
        assertThat(plan.killAt(1)).isEqualTo(2_000);
    }

    @Test
    void theSourceStopsBeforeAKillUntilThereIsACheckpoint() {
        assertThat(plan.emitBelow()).isEqualTo(925);
        assertThat(plan.gate()).isNotDone();

        plan.checkpointCompleted(0);

        assertThat(plan.emitBelow()).isEqualTo(Long.MAX_VALUE);
        assertThat(plan.gate()).isDone();
    }

    @Test
    void eachKillIsDueOnceAndInItsTurn() {
        assertThat(plan.isDue(999)).isFalse();
        assertThat(plan.isDue(2_000)).isFalse();
        assertThat(plan.isDue(1_000)).isTrue();
        assertThat(plan.isDue(1_000)).isFalse();
        assertThat(plan.isDue(2_000)).isTrue();
        assertThat(plan.isDue(2_000)).isFalse();
        assertThat(plan.kills()).isEqualTo(2);
        assertThat(plan.emitBelow()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aCheckpointFromBeforeTheKillOpensNoGateAfterIt() {
        plan.checkpointCompleted(0);
        assertThat(plan.isDue(1_000)).isTrue();

        plan.checkpointCompleted(0);
        assertThat(plan.emitBelow()).isEqualTo(1_925);
        assertThat(plan.gate()).isNotDone();

        plan.checkpointCompleted(1);
        assertThat(plan.emitBelow()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void withoutKillsThereIsNoGate() {
        assertThat(new KillPlan(3_000, 0).emitBelow()).isEqualTo(Long.MAX_VALUE);
    }
}
