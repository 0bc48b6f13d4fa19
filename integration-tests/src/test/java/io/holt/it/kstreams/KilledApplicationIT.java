package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.broker.LocalBroker;
import io.holt.it.kstreams.ApplicationProcess.Start;
import io.holt.it.kstreams.CountingApplication.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An application on Holt is killed with {@code SIGKILL} at random moments, again and again, on a real broker: while
 * events are sent to it, while it restores its stores, and while it runs. Each time its stores open at their last
 * commit and no more is restored than came after it (see {@link StoreOffsets}). In the end they have counted every
 * event exactly once under exactly-once, and at least once under at-least-once.
 *
 * <p>By default it is killed once at each kind of moment. Twenty kills under each guarantee, in about a quarter of an
 * hour, without the other tests:
 *
 * <pre>{@code
 * mvn -pl integration-tests -am verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dit.test=KilledApplicationIT -Dfailsafe.failIfNoSpecifiedTests=false -Dholt.it.kills=20
 * }</pre>
 *
 * <p>Lines that begin with {@code RESULT} say how often it was killed when, and what starts after kills took and
 * restored; beside it the same application on RocksDB, killed a third as often while it runs.
 */
@Timeout(3_600)
final class KilledApplicationIT {

    private static final Logger LOG = LoggerFactory.getLogger(KilledApplicationIT.class);

    private static final int KILLS = Integer.getInteger("holt.it.kills", 3);
    private static final int FIRST_EVENTS = 15_000;
    private static final int EVENTS_PER_LIFE = 5_000;
    private static final int CHANGELOGS = 6;
    private static final int WRITTEN_RECORDS_MIN = 200;
    private static final int WRITTEN_RECORDS_MAX = 4_000;
    private static final int RESTORED_RECORDS_MIN = 50;

    /** How many records Kafka Streams restores at a time. */
    private static final int POLLED_RECORDS = 1_000;

    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** A life may be in another state than was wanted when it is killed. */
    private static final int MISSES_MAX = 20;

    /** When a life was killed. */
    private enum Moment {
        /** It runs, and before and after its end events are sent. */
        SENDING,
        /** It has begun to restore stores, and has not restored all records. */
        RESTORING,
        /** It runs, and all events were sent. */
        RUNNING
    }

    @TempDir
    Path directory;

    private final StoreOffsets offsets = new StoreOffsets();
    private final Map<Moment, Integer> kills = new EnumMap<>(Moment.class);
    private final StartFigures figures = new StartFigures();
    private final StartFigures peerFigures = new StartFigures();
    private SplittableRandom random;
    private LocalBroker broker;
    private SentEvents events;
    private Admin admin;
    private String guarantee;

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void countsSurviveKilling(String given) throws Exception {
        guarantee = given;
        random = new SplittableRandom(guarantee.hashCode());
        boolean exactly = guarantee.equals(StreamsConfig.EXACTLY_ONCE_V2);
        try (LocalBroker started = LocalBroker.start(Files.createDirectory(directory.resolve("broker")));
                SentEvents sent = new SentEvents(started.bootstrapServers());
                Admin asking = Admin.create(Map.of("bootstrap.servers", started.bootstrapServers()))) {
            broker = started;
            events = sent;
            admin = asking;
            liveAndStop(exactly);
            killAtAllMoments();
            Map<String, Long> ends = changelogEnds();
            try (ApplicationProcess life = start()) {
                noteStart(life.awaitStart());
                events.send(EVENTS_PER_LIFE);
                life.verify(events, exactly);
                offsets.verify(ends);
                life.stop();
            }
            assertThat(offsets.changelogs())
                    .as("changelogs of stores with a commit")
                    .hasSize(CHANGELOGS);
            killPeer();
        }
        LOG.info("RESULT {}: killed {}, {} commits", guarantee, kills, offsets.commits());
        LOG.info("RESULT {} holt: {}", guarantee, figures);
        LOG.info("RESULT {} rocksdb: {}", guarantee, peerFigures);
    }

    /** Under exactly-once, stores of a task that runs are committed when it is closed. */
    private void liveAndStop(boolean exactly) throws Exception {
        try (ApplicationProcess life = start()) {
            life.awaitRunning();
            events.send(FIRST_EVENTS);
            life.verify(events, exactly);
            life.stop();
        }
        offsets.verify();
        assertThat(offsets.changelogs())
                .as("changelogs of stores that were closed with a commit")
                .hasSize(CHANGELOGS);
    }

    private void killAtAllMoments() throws Exception {
        int lives = 0;
        while (kills.values().stream().mapToInt(Integer::intValue).sum() < KILLS || times(rarest()) < KILLS / 3) {
            assertThat(lives).as("lives, of which hit: %s", kills).isLessThan(KILLS + MISSES_MAX);
            Map<String, Long> ends = changelogEnds();
            offsets.beginLife();
            Moment wanted = rarest();
            if (wanted == Moment.RESTORING && offsets.afterLastCommits(ends) < RESTORED_RECORDS_MIN) {
                // The newest kill came just after a commit.
                wanted = Moment.SENDING;
            }
            Moment hit = wanted == Moment.RUNNING ? killWhileRunning(ends) : killUnderLoad(wanted, ends);
            offsets.verify(ends);
            if (hit != null) {
                kills.merge(hit, 1, Integer::sum);
            }
            LOG.info(
                    "{} life {}: killed at {}, wanted {}; {} of {} records after the last commits were restored",
                    guarantee,
                    lives,
                    hit,
                    wanted,
                    offsets.restored(),
                    offsets.afterLastCommits(ends));
            lives++;
        }
    }

    private int times(Moment moment) {
        return kills.getOrDefault(moment, 0);
    }

    /** The moment at which the fewest kills were; the first of them. */
    private Moment rarest() {
        Moment rarest = Moment.SENDING;
        for (Moment moment : Moment.values()) {
            rarest = times(moment) < times(rarest) ? moment : rarest;
        }
        return rarest;
    }

    /** At which moment it was killed in fact; null if it is none of those. */
    private Moment killUnderLoad(Moment wanted, Map<String, Long> ends) throws Exception {
        try (BackgroundLoad load = new BackgroundLoad(events);
                ApplicationProcess life = start()) {
            load.awaitMore();
            if (wanted == Moment.SENDING || !life.awaitRestoring()) {
                noteStart(life.awaitStart());
                awaitSomeWritten(ends);
            } else {
                awaitSomeRestored(life, offsets.afterLastCommits(ends));
            }
            int before = load.acknowledged();
            life.kill();
            load.awaitMore();
            boolean wentOn = load.acknowledged() > before;
            if (life.isRunning() && wentOn) {
                return Moment.SENDING;
            }
            boolean restoring = offsets.isRestoring() && offsets.restored() < offsets.afterLastCommits(ends);
            return !life.wasRunning() && restoring ? Moment.RESTORING : null;
        }
    }

    /** Waits until this life has written a random number of records to changelogs; so any machine is fast enough. */
    private void awaitSomeWritten(Map<String, Long> ends) throws Exception {
        long enough = sum(ends) + random.nextLong(WRITTEN_RECORDS_MIN, WRITTEN_RECORDS_MAX);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (sum(changelogEnds()) < enough) {
            assertThat(System.nanoTime() - deadline)
                    .as("what is left of the patience with a life that processes nothing")
                    .isNegative();
        }
    }

    private static long sum(Map<String, Long> ends) {
        return ends.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Waits until none to half of so many records are restored. Few are restored at one stroke, and those of
     * transactions that were aborted are not restored at all, so often it waits for none.
     */
    private void awaitSomeRestored(ApplicationProcess life, long records) throws InterruptedException {
        long enough = records <= POLLED_RECORDS || random.nextBoolean() ? 0 : random.nextLong(records / 2);
        while (!life.wasRunning() && offsets.restored() < enough) {
            Thread.sleep(1);
        }
    }

    private Moment killWhileRunning(Map<String, Long> ends) throws Exception {
        try (ApplicationProcess life = start()) {
            noteStart(life.awaitStart());
            events.send(EVENTS_PER_LIFE);
            awaitSomeWritten(ends);
            life.kill();
            return life.isRunning() ? Moment.RUNNING : null;
        }
    }

    private void noteStart(Start start) {
        if (kills.isEmpty()) {
            assertThat(start.restored())
                    .as("records restored after a clean stop")
                    .isZero();
        } else {
            figures.add(start);
        }
        LOG.info("{}: running after {}", guarantee, start);
    }

    /** What starts cost where the stores are RocksDB's; whether its counts are right is not this test's business. */
    private void killPeer() throws Exception {
        try (ApplicationProcess life = startPeer()) {
            life.awaitCounted(events);
            life.kill();
        }
        for (int kill = 1; kill < KILLS / 3; kill++) {
            try (ApplicationProcess life = startPeer()) {
                peerFigures.add(life.awaitStart());
                events.send(EVENTS_PER_LIFE);
                life.awaitCounted(events);
                life.kill();
            }
        }
        try (ApplicationProcess life = startPeer()) {
            peerFigures.add(life.awaitStart());
            life.stop();
        }
    }

    private ApplicationProcess start() throws IOException {
        offsets.beginLife();
        return start("holt", Engine.HOLT, offsets);
    }

    private ApplicationProcess startPeer() throws IOException {
        return start("rocksdb", Engine.ROCKSDB, new StoreOffsets());
    }

    private ApplicationProcess start(String name, Engine engine, StoreOffsets heard) throws IOException {
        return new ApplicationProcess(directory, broker.bootstrapServers(), guarantee, name, 0, engine, heard);
    }

    /** Where the changelogs of stores that were committed end, as the broker says. */
    private Map<String, Long> changelogEnds() throws Exception {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (String changelog : offsets.changelogs()) {
            int dash = changelog.lastIndexOf('-');
            asked.put(
                    new TopicPartition(changelog.substring(0, dash), Integer.parseInt(changelog.substring(dash + 1))),
                    OffsetSpec.latest());
        }
        Map<String, Long> ends = new TreeMap<>();
        admin.listOffsets(asked).all().get().forEach((changelog, end) -> ends.put(changelog.toString(), end.offset()));
        return ends;
    }
}
