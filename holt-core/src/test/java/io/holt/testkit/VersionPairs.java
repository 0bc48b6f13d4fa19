package io.holt.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.TreeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which version of the model stands for which one of the engine, and that the engine's ascend for ever. */
final class VersionPairs {

    private final Map<Long, Long> actualOf = new HashMap<>();
    private final List<Long> given = new ArrayList<>();
    private long last;

    /** The engine gave a version where the model gave one. */
    void given(long model, long actual) {
        assertThat(actual).as("a version is greater than all before").isGreaterThan(last);
        last = actual;
        actualOf.put(model, actual);
        given.add(model);
    }

    /** As {@link #given}, unless the version is none, or one that was given already. */
    void maybeGiven(long model, long actual) {
        if (model <= TreeView.NO_VERSION || actualOf.containsKey(model)) {
            assertThat(actual).isEqualTo(actual(model));
        } else {
            given(model, actual);
        }
    }

    /** The engine's version for one of the model; what is no version stands for itself. */
    long actual(long model) {
        return model <= TreeView.NO_VERSION ? model : actualOf.get(model);
    }

    /** Some version that was given, in the model's numbers. */
    long any(long choice) {
        return given.isEmpty() ? TreeView.NO_VERSION : given.get(Math.floorMod(choice, given.size()));
    }
}
