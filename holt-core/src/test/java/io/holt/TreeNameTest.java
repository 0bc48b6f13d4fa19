package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names are kept in files as UTF-8: what has no form in it would come back as another tree's name. */
class TreeNameTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(8L << 20).build();

    @ParameterizedTest
    @ValueSource(strings = {"\uD800", "half\uDC00", "\uDC00\uD800"})
    void halfASurrogatePairIsRefused(String name) {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            assertThatThrownBy(() -> db.tree(name)).isInstanceOf(IllegalArgumentException.class);
            assertThat(db.treeNames()).isEmpty();
        }
    }

    @Test
    void anyOtherNameComesBack(@TempDir Path directory) {
        String longest = "\uD83D\uDE00".repeat(63) + "abc";
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            db.tree(longest);
            db.tree("?");
            db.tree("\0");
            assertThatThrownBy(() -> db.tree("")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> db.tree(longest + "d")).isInstanceOf(IllegalArgumentException.class);
        }
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            assertThat(db.treeNames()).containsExactlyInAnyOrder(longest, "?", "\0");
        }
    }
}
