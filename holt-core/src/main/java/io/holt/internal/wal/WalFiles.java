package io.holt.internal.wal;

import io.holt.internal.io.IoEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of the log's segments: each has the LSN of its first record in its name. */
public final class WalFiles {

    private static final Pattern NAME = Pattern.compile("log-([0-9a-f]{16})\\.wal");
    private static final Pattern SPARE = Pattern.compile("log-spare-\\d+\\.wal");

    private WalFiles() {}

    static Path segment(Path directory, long firstLsn) {
        return directory.resolve("log-%016x.wal".formatted(firstLsn));
    }

    static Path spare(Path directory, long number) {
        return directory.resolve("log-spare-" + number + ".wal");
    }

    /** First LSNs of the segments in a directory, in order. */
    static List<Long> list(IoEngine engine, Path directory) {
        List<Long> firstLsns = new ArrayList<>();
        for (String name : engine.list(directory)) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches()) {
                firstLsns.add(Long.parseUnsignedLong(matcher.group(1), 16));
            }
        }
        firstLsns.sort(Long::compareUnsigned);
        return firstLsns;
    }

    /** Deletes what a crash left of {@link SpareSegments}; answers whether there was any. Not durable yet. */
    static boolean deleteSpares(IoEngine engine, Path directory) {
        boolean deleted = false;
        for (String name : engine.list(directory)) {
            if (SPARE.matcher(name).matches()) {
                deleted |= engine.delete(directory.resolve(name));
            }
        }
        return deleted;
    }

    /** Deletes every segment in a directory: the log is not needed any more. */
    public static void deleteAll(IoEngine engine, Path directory) {
        boolean deleted = deleteSpares(engine, directory);
        for (long firstLsn : list(engine, directory)) {
            deleted |= engine.delete(segment(directory, firstLsn));
        }
        if (deleted) {
            engine.syncDirectory(directory);
        }
    }
}
