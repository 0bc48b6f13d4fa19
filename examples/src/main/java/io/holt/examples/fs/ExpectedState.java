package io.holt.examples.fs;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The outcome computed a second time, from the events alone and by plain maps in one thread: what the examples' results
 * are held against. It shares no logic with them; above all it finds idle directories in one queue of all directories,
 * ordered by their last events, where a job sets a timer for each.
 */
public final class ExpectedState {

    private final Rules rules;
    private final FileSystemState outcome = new FileSystemState();
    private final Map<String, FileVersion> files = new HashMap<>();

    /** Least recently changed first. */
    private final LinkedHashMap<String, Directory> directories = new LinkedHashMap<>(16, 0.75f, true);

    private long now = Long.MIN_VALUE;

    private ExpectedState(Rules rules) {
        this.rules = rules;
    }

    /**
     * The state after those events. A directory is forgotten when event time, that is the newest event's time, has
     * come {@link Rules#idleMillis} past its last event; an event at that very time begins it anew. The file of a
     * resize that its directory does not know, as it may be after that, enters the directory.
     *
     * @throws IllegalArgumentException if event time goes back
     */
    public static FileSystemState compute(Iterator<FileSystemEvent> events, Rules rules) {
        ExpectedState state = new ExpectedState(rules);
        events.forEachRemaining(state::apply);
        state.directories.forEach((path, directory) -> state.outcome.add(directory.state(path)));
        state.files.values().forEach(state.outcome::add);
        return state.outcome;
    }

    private void apply(FileSystemEvent event) {
        if (event.timestampMillis() < now) {
            throw new IllegalArgumentException("event " + event.sequence() + " is of " + event.timestampMillis()
                    + ", and the one before it of " + now);
        }
        now = event.timestampMillis();
        forgetIdleDirectories();
        directories.computeIfAbsent(event.directory(), path -> new Directory()).apply(event);
        applyToFile(event);
    }

    private void forgetIdleDirectories() {
        Iterator<Map.Entry<String, Directory>> oldestFirst =
                directories.entrySet().iterator();
        while (oldestFirst.hasNext()) {
            Map.Entry<String, Directory> oldest = oldestFirst.next();
            Directory directory = oldest.getValue();
            if (now - directory.lastEventMillis < rules.idleMillis()) {
                return;
            }
            outcome.add(new ExpiredDirectory(
                    directory.state(oldest.getKey()), directory.lastEventMillis + rules.idleMillis()));
            oldestFirst.remove();
        }
    }

    private void applyToFile(FileSystemEvent event) {
        if (event.kind() == EventKind.DELETE) {
            files.remove(event.path());
            return;
        }
        FileVersion before = files.get(event.path());
        long version = event.kind() == EventKind.CREATE || before == null ? 1 : before.version() + 1;
        files.put(event.path(), new FileVersion(event.path(), version, event.size(), event.timestampMillis()));
    }

    private final class Directory {
        private final Map<String, Long> sizes = new HashMap<>();
        private long events;
        private long lastEventMillis;
        private long listingDigest;

        void apply(FileSystemEvent event) {
            if (event.kind() == EventKind.DELETE) {
                sizes.remove(event.path());
            } else {
                sizes.put(event.path(), event.size());
            }
            events++;
            lastEventMillis = event.timestampMillis();
            if (events % rules.listEvery() == 0) {
                long sum = 0;
                for (Map.Entry<String, Long> entry : sizes.entrySet()) {
                    sum += ListingDigest.entry(entry.getKey(), entry.getValue());
                }
                listingDigest = ListingDigest.append(listingDigest, sum);
            }
        }

        DirectoryState state(String path) {
            long bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
            return new DirectoryState(path, sizes.size(), bytes, events, lastEventMillis, listingDigest);
        }
    }
}
