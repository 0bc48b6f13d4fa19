package io.holt.examples.flink;

import io.holt.examples.fs.FileSystemEvent;
import io.holt.examples.fs.Rules;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The job itself: source, directories, files. */
final class FileSystemPipeline {

    /** How many functions of the job keep keyed state. */
    static final int KEYED_FUNCTIONS = 2;

    private FileSystemPipeline() {}

    /** Adds the job to the environment. What it finds out goes to the run's scope. */
    static void build(StreamExecutionEnvironment env, Rules rules, String run) {
        long reportMillis = RunScope.of(run).stream().lastTimestampMillis() + 1;
        DataStream<FileSystemEvent> events = env.fromSource(
                        new EventSource(run),
                        WatermarkStrategy.<FileSystemEvent>forGenerator(context -> new EveryThousandEvents()),
                        "events",
                        new EventTypeInfo())
                .uid("events")
                .setParallelism(1);
        DataStream<Outcome> directories = events.keyBy(FileSystemEvent::directory, Types.STRING)
                .process(new DirectoryFunction(run, rules, reportMillis))
                .returns(Types.POJO(Outcome.class))
                .name("directories")
                .uid("directories");
        DataStream<Outcome> files = events.keyBy(FileSystemEvent::path, Types.STRING)
                .process(new FileFunction(run, reportMillis))
                .returns(Types.POJO(Outcome.class))
                .name("files")
                .uid("files");
        directories.union(files).sinkTo(new OutcomeSink(run)).name("outcomes").uid("outcomes");
    }

    /** Event time never goes back in the stream, so an event proves that all earlier times are over. */
    private static final class EveryThousandEvents implements WatermarkGenerator<FileSystemEvent> {

        @Override
        public void onEvent(FileSystemEvent event, long timestampMillis, WatermarkOutput output) {
            if (event.sequence() % 1000 == 999) {
                output.emitWatermark(new Watermark(timestampMillis - 1));
            }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            // Watermarks go by events alone, so that they do not depend on the machine's speed.
        }
    }
}
