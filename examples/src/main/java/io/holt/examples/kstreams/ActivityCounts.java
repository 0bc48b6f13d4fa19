package io.holt.examples.kstreams;

import io.holt.examples.fs.EventKind;
import io.holt.examples.fs.FileSystemEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.ReadOnlySessionStore;
import org.apache.kafka.streams.state.ReadOnlyWindowStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;

/**
 * What {@link ActivityTopology} counts, each count under the name of its store, key and window: read from the stores or
 * computed from the events by maps.
 */
final class ActivityCounts {

    private final TreeMap<String, Long> counts;

    private ActivityCounts(TreeMap<String, Long> counts) {
        this.counts = counts;
    }

    /** Computes them in one pass, without any of the topology's code. */
    static ActivityCounts compute(Iterable<FileSystemEvent> events) {
        TreeMap<String, Long> counts = new TreeMap<>();
        Map<String, long[]> bursts = new HashMap<>();
        Map<String, List<Long>> creations = new HashMap<>();
        long hour = ActivityTopology.HOUR.toMillis();
        for (FileSystemEvent event : events) {
            if (!ActivityTopology.isSampled(event.directory())) {
                continue;
            }
            long time = event.timestampMillis();
            add(counts, ActivityTopology.HOURS, event.directory() + "@" + time / hour * hour);
            long[] burst = bursts.get(event.directory());
            if (burst == null || time - burst[1] > ActivityTopology.BURST_GAP.toMillis()) {
                end(counts, event.directory(), burst);
                burst = new long[] {time, time, 0};
                bursts.put(event.directory(), burst);
            }
            burst[1] = time;
            burst[2]++;
            if (event.kind() == EventKind.CREATE) {
                creations
                        .computeIfAbsent(event.path(), path -> new ArrayList<>())
                        .add(time);
            } else if (event.kind() == EventKind.DELETE) {
                for (long created : creations.getOrDefault(event.path(), List.of())) {
                    if (time - created <= ActivityTopology.SHORT_LIFE.toMillis()) {
                        add(counts, ActivityTopology.SHORT_LIVES, event.path());
                    }
                }
            }
        }
        bursts.forEach((directory, burst) -> end(counts, directory, burst));
        return new ActivityCounts(counts);
    }

    private static void add(Map<String, Long> counts, String store, String name) {
        counts.merge(store + " " + name, 1L, Long::sum);
    }

    private static void end(Map<String, Long> counts, String directory, long[] burst) {
        if (burst != null) {
            counts.put(ActivityTopology.BURSTS + " " + directory + "@" + burst[0] + ".." + burst[1], burst[2]);
        }
    }

    /** Reads them from the stores. */
    static ActivityCounts read(
            ReadOnlyWindowStore<String, ValueAndTimestamp<Long>> hours,
            ReadOnlySessionStore<String, Long> bursts,
            ReadOnlyKeyValueStore<String, ValueAndTimestamp<Long>> lives) {
        TreeMap<String, Long> counts = new TreeMap<>();
        List<String> directories = new ArrayList<>();
        try (KeyValueIterator<Windowed<String>, ValueAndTimestamp<Long>> records =
                hours.fetchAll(Instant.EPOCH, Instant.ofEpochMilli(Long.MAX_VALUE / 2))) {
            records.forEachRemaining(record -> {
                String directory = record.key.key();
                directories.add(directory);
                counts.put(
                        ActivityTopology.HOURS + " " + directory + "@"
                                + record.key.window().start(),
                        record.value.value());
            });
        }
        for (String directory : directories.stream().distinct().toList()) {
            try (KeyValueIterator<Windowed<String>, Long> records = bursts.fetch(directory)) {
                records.forEachRemaining(record -> counts.put(
                        ActivityTopology.BURSTS + " " + directory + "@"
                                + record.key.window().start() + ".."
                                + record.key.window().end(),
                        record.value));
            }
        }
        try (KeyValueIterator<String, ValueAndTimestamp<Long>> records = lives.all()) {
            records.forEachRemaining(
                    record -> counts.put(ActivityTopology.SHORT_LIVES + " " + record.key, record.value.value()));
        }
        return new ActivityCounts(counts);
    }

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        counts.forEach((name, count) -> lines.add(count + " " + name));
        Files.write(file, lines);
    }

    static ActivityCounts parse(Path file) throws IOException {
        TreeMap<String, Long> counts = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            int space = line.indexOf(' ');
            counts.put(line.substring(space + 1), Long.parseLong(line.substring(0, space)));
        }
        return new ActivityCounts(counts);
    }

    /** How many there are of a store. */
    long of(String store) {
        return counts.keySet().stream()
                .filter(name -> name.startsWith(store + " "))
                .count();
    }

    /** What is not alike, at most so many of it. */
    List<String> differencesFrom(ActivityCounts expected, int differencesMax) {
        TreeMap<String, Long> names = new TreeMap<>(counts);
        names.putAll(expected.counts);
        return names.keySet().stream()
                .filter(name -> !String.valueOf(counts.get(name)).equals(String.valueOf(expected.counts.get(name))))
                .limit(differencesMax)
                .map(name -> name + " is " + counts.get(name) + ", expected " + expected.counts.get(name))
                .toList();
    }
}
