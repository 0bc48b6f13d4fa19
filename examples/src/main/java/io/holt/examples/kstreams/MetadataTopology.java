package io.holt.examples.kstreams;

import io.holt.examples.fs.EventKind;
import io.holt.examples.fs.FileSystemEvent;
import io.holt.examples.fs.ListingDigest;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;

/**
 * The program: events, keyed by directory, become the newest version of each file, totals of each directory, and a
 * count of each directory's events. The first two are kept by a processor with two stores, the third by the DSL, and so
 * is what {@link ActivityTopology} adds.
 */
final class MetadataTopology {

    /** The topic that the events come from. */
    static final String EVENTS = "file-events";

    /** Timestamped, key: {@link Formats#fileKey}, value: {@link FileEntry}. */
    static final String FILES = "files";

    /** Key: the directory, value: {@link DirectoryTotals}. */
    static final String DIRECTORIES = "directories";

    /** Timestamped, key: the directory, value: how many events it had. */
    static final String ACTIVITY = "activity";

    /** All of them. */
    static final List<String> STORES = List.of(FILES, DIRECTORIES, ACTIVITY);

    private MetadataTopology() {}

    /**
     * @param listEvery after how many of its events a directory is listed
     */
    static Topology build(Engine engine, int listEvery) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(
                Stores.timestampedKeyValueStoreBuilder(engine.timestamped(FILES), Serdes.String(), Formats.files()));
        builder.addStateStore(
                Stores.keyValueStoreBuilder(engine.plain(DIRECTORIES), Serdes.String(), Formats.directories())
                        .withCachingEnabled());
        KStream<String, FileSystemEvent> events =
                builder.stream(EVENTS, Consumed.with(Serdes.String(), Formats.events()));
        events.process(() -> new MetadataProcessor(listEvery), FILES, DIRECTORIES);
        events.groupByKey(Grouped.with(Serdes.String(), Formats.events()))
                .count(Materialized.<String, Long>as(engine.timestamped(ACTIVITY))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.Long()));
        ActivityTopology.add(events, engine);
        return builder.build();
    }

    /** Keeps files and directories; lists a directory by a scan over its files' common prefix. */
    private static final class MetadataProcessor implements Processor<String, FileSystemEvent, Void, Void> {
        private final int listEvery;
        private final StringSerializer prefixes = new StringSerializer();
        private TimestampedKeyValueStore<String, FileEntry> files;
        private KeyValueStore<String, DirectoryTotals> directories;

        MetadataProcessor(int listEvery) {
            this.listEvery = listEvery;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            files = context.getStateStore(FILES);
            directories = context.getStateStore(DIRECTORIES);
        }

        @Override
        public void process(Record<String, FileSystemEvent> record) {
            FileSystemEvent event = record.value();
            String directory = record.key();
            String file = Formats.fileKey(directory, event.path());
            ValueAndTimestamp<FileEntry> found = files.get(file);
            FileEntry before = found == null ? null : found.value();
            boolean exists = event.kind() != EventKind.DELETE;
            if (exists) {
                long version = event.kind() == EventKind.CREATE || before == null ? 1 : before.version() + 1;
                files.put(file, ValueAndTimestamp.make(new FileEntry(version, event.size()), event.timestampMillis()));
            } else {
                files.delete(file);
            }
            DirectoryTotals totals = directories.get(directory);
            totals = (totals == null ? DirectoryTotals.NONE : totals)
                    .changed(
                            (exists ? 1 : 0) - (before == null ? 0 : 1),
                            (exists ? event.size() : 0) - (before == null ? 0 : before.size()),
                            event.timestampMillis());
            if (totals.events() % listEvery == 0) {
                totals = totals.listed(listing(directory));
            }
            directories.put(directory, totals);
        }

        private long listing(String directory) {
            long sum = 0;
            try (KeyValueIterator<String, ValueAndTimestamp<FileEntry>> entries =
                    files.prefixScan(Formats.filePrefix(directory), prefixes)) {
                while (entries.hasNext()) {
                    var entry = entries.next();
                    sum += ListingDigest.entry(
                            Formats.path(entry.key), entry.value.value().size());
                }
            }
            return sum;
        }
    }
}
