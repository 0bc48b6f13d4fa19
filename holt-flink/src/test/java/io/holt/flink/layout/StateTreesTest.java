package io.holt.flink.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.testkit.ModelDb;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.RegisteredStateMetaInfoBase;
import org.junit.jupiter.api.Test;

class StateTreesTest {

    @Test
    void everyStateNameHasATreeNameOfItsOwn() {
        assertThat(StateTrees.treeName("count")).isEqualTo("state/count");
        assertThat(StateTrees.treeName("")).isEqualTo("state/");
        String longest = "n".repeat(249);
        assertThat(StateTrees.treeName(longest)).isEqualTo("state/" + longest);

        String tooLong = "n".repeat(250);
        String digest = StateTrees.treeName(tooLong);
        assertThat(digest).startsWith("state#").doesNotContain("nnn");
        assertThat(digest.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(255);
        assertThat(StateTrees.treeName(tooLong)).isEqualTo(digest);
        assertThat(StateTrees.treeName("n".repeat(251))).isNotEqualTo(digest);
        assertThat(StateTrees.treeName("\u20ac".repeat(100))).startsWith("state#");
    }

    @Test
    void statesAreGivenInTheOrderOfTheirRegistration() {
        try (ModelDb db = new ModelDb()) {
            StateTrees trees = new StateTrees(db);
            trees.create(metaInfo("b"));
            trees.create(metaInfo("a"));
            assertThat(trees.all()).extracting(StateTree::name).containsExactly("b", "a");
            assertThat(trees.get("a").tree().name()).isEqualTo("state/a");
            assertThat(trees.get("c")).isNull();
            assertThatThrownBy(() -> trees.create(metaInfo("a"))).isInstanceOf(IllegalStateException.class);
        }
    }

    private static RegisteredStateMetaInfoBase metaInfo(String name) {
        return new RegisteredKeyValueStateBackendMetaInfo<>(
                StateDescriptor.Type.VALUE, name, IntSerializer.INSTANCE, IntSerializer.INSTANCE);
    }
}
