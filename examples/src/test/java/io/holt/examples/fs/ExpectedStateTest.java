package io.holt.examples.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The measure itself, against cases small enough to be worked out by hand. */
class ExpectedStateTest {

    private static final Rules RULES = new Rules(100, 2);

    private final List<FileSystemEvent> events = new ArrayList<>();

    private void event(long time, EventKind kind, String path, long size) {
        ListedFile file = ListedFile.of(path, size);
        events.add(new FileSystemEvent(events.size(), kind, file.module(), path, file.directory(), size, time));
    }

    private FileSystemState compute() {
        return ExpectedState.compute(events.iterator(), RULES);
    }

    @Test
    void countsFilesBytesAndVersions() {
        event(10, EventKind.CREATE, "/m/d/a", 5);
        event(11, EventKind.CREATE, "/m/d/b", 7);
        event(12, EventKind.RESIZE, "/m/d/a", 50);
        event(13, EventKind.CREATE, "/m/e/c", 1);
        event(14, EventKind.DELETE, "/m/d/b", 0);
        event(15, EventKind.CREATE, "/m/d/b", 9);

        FileSystemState state = compute();

        long first = ListingDigest.entry("/m/d/a", 5) + ListingDigest.entry("/m/d/b", 7);
        long second = ListingDigest.entry("/m/d/a", 50);
        long digest = ListingDigest.append(ListingDigest.append(0, first), second);
        assertThat(state.directory("/m/d")).isEqualTo(new DirectoryState("/m/d", 2, 59, 5, 15, digest));
        assertThat(state.directory("/m/e")).isEqualTo(new DirectoryState("/m/e", 1, 1, 1, 13, 0));
        assertThat(state.file("/m/d/a")).isEqualTo(new FileVersion("/m/d/a", 2, 50, 12));
        assertThat(state.file("/m/d/b")).isEqualTo(new FileVersion("/m/d/b", 1, 9, 15));
        assertThat(state.file("/m/e/c")).isEqualTo(new FileVersion("/m/e/c", 1, 1, 13));
        assertThat(List.of(state.directories(), state.expired(), state.files())).containsExactly(2, 0, 3);
    }

    @Test
    void forgetsADirectoryAtItsDeadlineAndNotBefore() {
        event(0, EventKind.CREATE, "/m/d/a", 5);
        event(0, EventKind.CREATE, "/m/d/b", 6);
        event(0, EventKind.CREATE, "/m/e/c", 1);
        event(99, EventKind.RESIZE, "/m/e/c", 2);
        event(100, EventKind.RESIZE, "/m/d/a", 8);

        FileSystemState state = compute();

        long digest = ListingDigest.append(0, ListingDigest.entry("/m/d/a", 5) + ListingDigest.entry("/m/d/b", 6));
        FileSystemState expected = new FileSystemState();
        expected.add(new ExpiredDirectory(new DirectoryState("/m/d", 2, 11, 2, 0, digest), 100));
        expected.add(new DirectoryState("/m/d", 1, 8, 1, 100, 0));
        expected.add(
                new DirectoryState("/m/e", 1, 2, 2, 99, ListingDigest.append(0, ListingDigest.entry("/m/e/c", 2))));
        expected.add(new FileVersion("/m/d/a", 2, 8, 100));
        expected.add(new FileVersion("/m/d/b", 1, 6, 0));
        expected.add(new FileVersion("/m/e/c", 2, 2, 99));
        assertThat(state.differencesFrom(expected, 10)).isEmpty();
        assertThat(state.digest()).isEqualTo(expected.digest());
    }

    @Test
    void forgetsSeveralInTheOrderInWhichTheyFellIdle() {
        event(0, EventKind.CREATE, "/m/a/x", 1);
        event(1, EventKind.CREATE, "/m/b/x", 1);
        event(2, EventKind.RESIZE, "/m/a/x", 2);
        event(101, EventKind.CREATE, "/m/c/x", 1);
        event(102, EventKind.CREATE, "/m/c/y", 1);

        FileSystemState state = compute();

        assertThat(state.expired()).isEqualTo(2);
        assertThat(state.directories()).isEqualTo(1);
        assertThat(state.directory("/m/c").files()).isEqualTo(2);
    }

    @Test
    void namesEachDifference() {
        event(0, EventKind.CREATE, "/m/a/x", 1);
        FileSystemState expected = compute();
        events.clear();
        event(0, EventKind.CREATE, "/m/a/x", 2);
        FileSystemState other = compute();

        assertThat(expected.differencesFrom(expected, 10)).isEmpty();
        assertThat(other.differencesFrom(expected, 10))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("directory /m/a should be"))
                .anyMatch(text -> text.startsWith("file /m/a/x should be"));
        assertThat(other.differencesFrom(expected, 1)).hasSize(1);
        assertThat(new FileSystemState().differencesFrom(expected, 10)).hasSize(2);
        assertThat(other.digest()).isNotEqualTo(expected.digest());
    }

    @Test
    void takesEachNameOnce() {
        FileSystemState state = new FileSystemState();
        state.add(new FileVersion("/m/x", 1, 1, 1));

        assertThatThrownBy(() -> state.add(new FileVersion("/m/x", 1, 1, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("/m/x was given twice");
    }

    @Test
    void refusesTimeThatGoesBack() {
        event(5, EventKind.CREATE, "/m/x", 1);
        event(4, EventKind.CREATE, "/m/y", 1);

        assertThatThrownBy(this::compute).hasMessageContaining("event 1 is of 4");
    }
}
