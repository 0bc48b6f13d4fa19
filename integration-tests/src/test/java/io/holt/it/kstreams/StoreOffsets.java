package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * What the lives of one application said of the changelog offsets of its stores, in the order in which it happened, and
 * what must hold of it whatever ends a life:
 *
 * <ul>
 *   <li>a store opens with the offset of its last commit, or of one that had begun and was not said to be done,
 *   <li>it is restored, or updated as a standby, from there on: never from the beginning once it was committed.
 * </ul>
 *
 * <p>An offset is that of the newest record of the changelog that the store has; null if it knows of none.
 */
final class StoreOffsets {

    /** With this word begins each line that is meant for this class. */
    private static final String PREFIX = "store ";

    private static final String RESTORING = PREFIX + "restoring ";

    private final Map<String, Long> committed = new TreeMap<>();
    private final Map<String, Long> commitsUnderWay = new TreeMap<>();
    private final Map<String, Long> committedBefore = new TreeMap<>();
    private final Map<String, Long> restored = new TreeMap<>();
    private final Set<String> underRestoration = new HashSet<>();
    private final List<String> violations = new ArrayList<>();
    private long commits;
    private long promotions;
    private long updates;

    static String opened(TopicPartition changelog, Long offset) {
        return PREFIX + "opened " + changelog + " " + offset;
    }

    static String committing(TopicPartition changelog, Long offset) {
        return PREFIX + "committing " + changelog + " " + offset;
    }

    static String committed(TopicPartition changelog, Long offset) {
        return PREFIX + "committed " + changelog + " " + offset;
    }

    static String restoring(TopicPartition changelog, long from) {
        return RESTORING + changelog + " " + from;
    }

    static String updating(TopicPartition changelog, long from) {
        return PREFIX + "updating " + changelog + " " + from;
    }

    static String promoted(TopicPartition changelog) {
        return PREFIX + "promoted " + changelog + " null";
    }

    static String restoredBatch(TopicPartition changelog, long records) {
        return PREFIX + "restored-batch " + changelog + " " + records;
    }

    static String restoredAll(TopicPartition changelog, long records) {
        return PREFIX + "restored-all " + changelog + " " + records;
    }

    static boolean isOffsetLine(String line) {
        return line.startsWith(PREFIX);
    }

    static boolean saysRestoring(String line) {
        return line.startsWith(RESTORING);
    }

    /** Takes a line that one of the methods above made. */
    synchronized void hear(String line) {
        String[] words = line.split(" ");
        String changelog = words[2];
        Long number = words[3].equals("null") ? null : Long.valueOf(words[3]);
        switch (words[1]) {
            case "opened" -> {
                Long last = committed.get(changelog);
                boolean isOfLastCommit = Objects.equals(number, last)
                        || (commitsUnderWay.containsKey(changelog)
                                && Objects.equals(number, commitsUnderWay.get(changelog)));
                check(isOfLastCommit, line + ", but was last committed at " + last);
                commitsUnderWay.remove(changelog);
                setCommitted(changelog, number);
            }
            case "committing" -> commitsUnderWay.put(changelog, number);
            case "committed" -> {
                commits++;
                commitsUnderWay.remove(changelog);
                setCommitted(changelog, number);
            }
            case "restoring" -> {
                underRestoration.add(changelog);
                checkBeginning(line, changelog, number);
            }
            case "updating" -> {
                updates++;
                checkBeginning(line, changelog, number);
            }
            case "promoted" -> promotions++;
            case "restored-batch" -> restored.merge(changelog, number, Long::sum);
            case "restored-all" -> underRestoration.remove(changelog);
            default -> throw new IllegalArgumentException(line);
        }
    }

    private void setCommitted(String changelog, Long offset) {
        if (offset == null) {
            committed.remove(changelog);
        } else {
            committed.put(changelog, offset);
        }
    }

    /** A task that stays open and changes its role may be ahead of its last commit, but not behind it. */
    private void checkBeginning(String line, String changelog, long from) {
        Long last = committed.get(changelog);
        check(last == null || from > last, line + ", but was last committed at " + last);
    }

    private void check(boolean holds, String violation) {
        if (!holds) {
            violations.add(violation);
        }
    }

    /** Must come before the application is started again. */
    synchronized void beginLife() {
        committedBefore.clear();
        committedBefore.putAll(committed);
        restored.clear();
        underRestoration.clear();
    }

    /** Whether this life has begun to restore a store, and has not ended to restore all of which it began. */
    synchronized boolean isRestoring() {
        return !underRestoration.isEmpty();
    }

    /** Commits of single stores, of all lives. */
    synchronized long commits() {
        return commits;
    }

    /** How many stores of standby tasks became active ones. */
    synchronized long promotions() {
        return promotions;
    }

    /** How often a store of a standby task began to be updated. */
    synchronized long updates() {
        return updates;
    }

    /** The changelogs of stores that were committed. */
    synchronized Set<String> changelogs() {
        return Set.copyOf(committed.keySet());
    }

    /** Records that this life has restored. */
    synchronized long restored() {
        return restored.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What {@link #restored} could be at most if nothing is restored that was committed before this life. */
    synchronized long afterLastCommits(Map<String, Long> ends) {
        return ends.keySet().stream()
                .mapToLong(changelog -> afterLastCommit(changelog, ends))
                .sum();
    }

    private long afterLastCommit(String changelog, Map<String, Long> ends) {
        return ends.get(changelog) - committedBefore.getOrDefault(changelog, -1L) - 1;
    }

    /**
     * Compares all that was said.
     *
     * @param ends where each changelog ended before this life
     */
    synchronized void verify(Map<String, Long> ends) {
        verify();
        ends.keySet()
                .forEach(changelog -> assertThat(afterLastCommit(changelog, ends))
                        .as(
                                "records of %s after the last commit, whose offset is one that the changelog has",
                                changelog)
                        .isNotNegative());
        restored.forEach((changelog, records) -> assertThat(records)
                .as("records restored from %s, which ended at %s", changelog, ends.get(changelog))
                .isLessThanOrEqualTo(afterLastCommit(changelog, ends)));
    }

    /** As {@link #verify(Map)}, without what was restored. */
    synchronized void verify() {
        assertThat(violations)
                .as("stores that did not open at their last commit, or were restored from before it")
                .isEmpty();
    }
}
