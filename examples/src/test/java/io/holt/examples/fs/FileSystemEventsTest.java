package io.holt.examples.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FileSystemEventsTest {

    private static final int COUNT = 20_000;
    private static final FileSystemEvents EVENTS = new FileSystemEvents(SmallListing.make(), 42, COUNT);

    @Test
    void theStreamIsPinned() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (FileSystemEvent event : EVENTS) {
            digest.update(EventCodec.encode(event));
        }
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("7ccf9903bb1605991de19e3c0a354bbd1c9ce6bd8b92aa78886422c912ae493d");
    }

    @Test
    void anotherSeedIsAnotherStream() {
        FileSystemEvents other = new FileSystemEvents(SmallListing.make(), 43, COUNT);

        assertThat(other.event(0)).isNotEqualTo(EVENTS.event(0));
    }

    @Test
    void aLongerStreamBeginsAlike() {
        FileSystemEvents longer = new FileSystemEvents(SmallListing.make(), 42, 10L * COUNT);

        assertThat(longer.event(COUNT - 1)).isEqualTo(EVENTS.event(COUNT - 1));
    }

    @Test
    void resumesAtEveryIndex() {
        List<FileSystemEvent> all = new ArrayList<>();
        EVENTS.forEach(all::add);
        assertThat(all).hasSize(COUNT);

        for (int index = 0; index < COUNT; index++) {
            assertThat(EVENTS.event(index)).isEqualTo(all.get(index));
        }
        for (int index = 0; index <= COUNT; index += 997) {
            List<FileSystemEvent> rest = new ArrayList<>();
            EVENTS.from(index).forEachRemaining(rest::add);
            assertThat(rest).isEqualTo(all.subList(index, COUNT));
        }
        assertThat(EVENTS.from(COUNT)).isExhausted();
    }

    @Test
    void indexesOutsideTheStreamAreRefused() {
        assertThatThrownBy(() -> EVENTS.event(COUNT)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> EVENTS.event(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> EVENTS.from(COUNT + 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new FileSystemEvents(SmallListing.make(), 42, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void eventsAreNumberedAndTimeNeverGoesBack() {
        long before = FileSystemEvents.START_MILLIS;
        long index = 0;
        for (FileSystemEvent event : EVENTS) {
            assertThat(event.sequence()).isEqualTo(index++);
            assertThat(event.timestampMillis()).isGreaterThanOrEqualTo(before);
            before = event.timestampMillis();
        }
        assertThat(EVENTS.lastTimestampMillis()).isEqualTo(before);
    }

    @Test
    void filesAreCreatedOnceBeforeTheyAreResizedAndDeleted() {
        assertLives(EVENTS);
        assertLives(new FileSystemEvents(RuntimeImageListing.read(), 1, 1_000_000));
    }

    private static void assertLives(FileSystemEvents events) {
        Set<String> existing = new HashSet<>();
        Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
        for (FileSystemEvent event : events) {
            boolean asItShould = switch (event.kind()) {
                case CREATE -> existing.add(event.path()) && event.size() >= 0;
                case RESIZE -> existing.contains(event.path()) && event.size() >= 0;
                case DELETE -> existing.remove(event.path()) && event.size() == 0;
            };
            assertThat(asItShould).as("%s", event).isTrue();
            kinds.add(event.kind());
        }
        assertThat(kinds).isEqualTo(EnumSet.allOf(EventKind.class));
    }

    @Test
    void aDayHasASlotWithoutEventsAndTheNextOneIsFound() {
        FileListing oneFile = FileListing.of(List.of(ListedFile.of("/m/x", 5)));
        for (long seed = 0; seed < 50; seed++) {
            FileSystemEvents events = new FileSystemEvents(oneFile, seed, 1_000);
            long before = Long.MIN_VALUE;
            for (FileSystemEvent event : events) {
                assertThat(event.timestampMillis()).isGreaterThan(before);
                before = event.timestampMillis();
            }
        }
    }

    @Test
    void directoriesFallIdleForHoursAndComeBack() {
        Map<String, Long> last = new HashMap<>();
        Map<String, Integer> returns = new HashMap<>();
        Iterator<FileSystemEvent> events = EVENTS.iterator();
        events.forEachRemaining(event -> {
            Long before = last.put(event.directory(), event.timestampMillis());
            if (before != null && event.timestampMillis() - before >= 4 * FileSystemEvents.SLOT_MILLIS) {
                returns.merge(event.directory(), 1, Integer::sum);
            }
        });
        assertThat(returns.keySet()).as("directories that came back").hasSizeGreaterThan(6);
        assertThat(returns.values()).as("more than once").anyMatch(times -> times > 1);
    }
}
