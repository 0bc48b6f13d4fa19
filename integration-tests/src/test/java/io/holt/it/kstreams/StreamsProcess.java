package io.holt.it.kstreams;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.TaskId;

/**
 * Runs an application of Kafka Streams as the process that {@link ApplicationProcess} leads: it tells what happens to
 * it in lines on its standard output, and obeys {@code restored}, {@code stop} and the application's own commands on
 * its standard input. The process ends when the application can't go on.
 */
final class StreamsProcess {

    /** What the application does with a line that it is told, which it answers by {@link #say}. */
    interface Commands {
        void obey(String[] words) throws IOException;
    }

    private final KafkaStreams streams;
    private final AtomicBoolean isReady = new AtomicBoolean();
    private final AtomicLong restored = new AtomicLong();

    private StreamsProcess(KafkaStreams streams) {
        this.streams = streams;
    }

    /** Starts the application; returns when it was told to stop. */
    static void run(KafkaStreams streams, Commands commands) throws IOException {
        new StreamsProcess(streams).run(commands);
    }

    /** Ends the process, whatever threads of Kafka Streams would go on. */
    static void fail(RuntimeException cause) {
        cause.printStackTrace();
        Runtime.getRuntime().halt(1);
    }

    static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private void run(Commands commands) throws IOException {
        streams.setGlobalStateRestoreListener(new RestoreCount());
        streams.setStandbyUpdateListener(new StandbyUpdates());
        streams.setStateListener((now, before) -> {
            say("state " + now);
            if (now == KafkaStreams.State.RUNNING && isReady.compareAndSet(false, true)) {
                say("running " + ManagementFactory.getRuntimeMXBean().getUptime() + " " + restored.get());
            } else if (now == KafkaStreams.State.ERROR) {
                say("failed");
                Runtime.getRuntime().halt(1);
            }
        });
        streams.start();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (line != null && !line.equals("stop")) {
            if (line.equals("restored")) {
                say("restored " + restored.get());
            } else {
                commands.obey(line.split(" "));
            }
            line = lines.readLine();
        }
        streams.close();
        say("stopped");
    }

    private final class RestoreCount implements StateRestoreListener {

        @Override
        public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
            say(StoreOffsets.restoring(partition, from));
        }

        @Override
        public void onBatchRestored(TopicPartition partition, String store, long to, long records) {
            restored.addAndGet(records);
            say(StoreOffsets.restoredBatch(partition, records));
        }

        @Override
        public void onRestoreEnd(TopicPartition partition, String store, long records) {
            say(StoreOffsets.restoredAll(partition, records));
        }
    }

    private static final class StandbyUpdates implements StandbyUpdateListener {

        @Override
        public void onUpdateStart(TopicPartition partition, String store, long from) {
            say(StoreOffsets.updating(partition, from));
        }

        @Override
        public void onBatchLoaded(
                TopicPartition partition, String store, TaskId task, long to, long records, long end) {
            // what the standby has is seen in the store
        }

        @Override
        public void onUpdateSuspended(
                TopicPartition partition, String store, long offset, long end, SuspendReason reason) {
            if (reason == SuspendReason.PROMOTED) {
                say(StoreOffsets.promoted(partition));
            }
        }
    }
}
