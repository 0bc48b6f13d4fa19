package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streaming SQL, whose operators keep state of all kinds, gives on Holt what it gives on Flink's heap backend. */
class SqlTest {

    private static final int EVENTS = 6000;

    private static final String TABLE = """
            CREATE TABLE %s (
                id BIGINT,
                account AS (id * id * 7919) %% 211,
                amount AS (id * 104729) %% 997,
                ts AS TO_TIMESTAMP_LTZ(id * 100, 3),
                WATERMARK FOR ts AS ts
            ) WITH (
                'connector' = 'datagen',
                'fields.id.kind' = 'sequence',
                'fields.id.start' = '0',
                'fields.id.end' = '%d'
            )""";

    /** Rows of the results of jobs, by the job's number, with how often each of them is there. */
    private static final Map<String, Map<String, Integer>> RESULTS = new ConcurrentHashMap<>();

    static Stream<Arguments> queries() {
        return Stream.of(
                Arguments.of(
                        "grouping and distinct values",
                        "SELECT account, COUNT(*), SUM(amount), MIN(amount), MAX(amount), COUNT(DISTINCT amount %"
                                + " 17) FROM events GROUP BY account"),
                Arguments.of(
                        "joins of all there is",
                        "SELECT e.id, e.account, r.amount FROM events e LEFT JOIN (SELECT * FROM refunds WHERE"
                                + " MOD(id, 3) = 0) r ON e.id = r.id * 5"),
                Arguments.of(
                        "joins within a time",
                        "SELECT e.id, r.id FROM events e JOIN refunds r ON e.account = r.account AND r.ts BETWEEN"
                                + " e.ts AND e.ts + INTERVAL '20' SECOND"),
                Arguments.of(
                        "tumbling windows",
                        "SELECT account, window_start, SUM(amount), COUNT(*) FROM TABLE(TUMBLE(TABLE events,"
                                + " DESCRIPTOR(ts), INTERVAL '30' SECOND)) GROUP BY account, window_start, window_end"),
                Arguments.of(
                        "sessions",
                        "SELECT account, window_start, window_end, COUNT(*) FROM TABLE(SESSION(TABLE events PARTITION"
                                + " BY account, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY account, window_start,"
                                + " window_end"),
                Arguments.of(
                        "the first of each group",
                        "SELECT account, id, amount, place FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY account"
                                + " ORDER BY amount DESC, id) AS place FROM events) WHERE place <= 3"),
                Arguments.of(
                        "running sums",
                        "SELECT id, SUM(amount) OVER (PARTITION BY account ORDER BY ts ROWS BETWEEN 5 PRECEDING AND"
                                + " CURRENT ROW) FROM events"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("queries")
    void givesWhatItGivesOnTheHeap(String name, String query) throws Exception {
        Map<String, Integer> expected = run("hashmap", query);
        assertThat(expected).hasSizeGreaterThan(50);
        assertThat(run(TestStateBackendFactory.class.getName(), query)).isEqualTo(expected);
    }

    @SuppressWarnings("try") // Closing may be interrupted.
    private static Map<String, Integer> run(String backend, String query) throws Exception {
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        options.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(256));
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
        RESULTS.put(backend, new ConcurrentHashMap<>());
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, options)) {
            StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
            // State with a time to live is kept in other forms.
            tables.getConfig().setIdleStateRetention(Duration.ofHours(1));
            tables.executeSql(TABLE.formatted("events", EVENTS - 1));
            tables.executeSql(TABLE.formatted("refunds", EVENTS / 4 - 1));
            Table result = tables.sqlQuery(query);
            tables.toChangelogStream(result).sinkTo(new Totals(backend));
            environment.execute();
        }
        Map<String, Integer> rows = RESULTS.remove(backend);
        rows.values().removeIf(count -> count == 0);
        return rows;
    }

    /** Counts the rows that a result has in the end, whichever way it came there. */
    private static final class Totals implements Sink<Row> {
        private static final long serialVersionUID = 1L;

        private final String job;

        Totals(String job) {
            this.job = job;
        }

        @Override
        public SinkWriter<Row> createWriter(WriterInitContext context) {
            Map<String, Integer> rows = RESULTS.get(job);
            return new SinkWriter<>() {
                @Override
                public void write(Row row, Context ofElement) {
                    boolean isAdded = row.getKind() == RowKind.INSERT || row.getKind() == RowKind.UPDATE_AFTER;
                    row.setKind(RowKind.INSERT);
                    rows.merge(row.toString(), isAdded ? 1 : -1, Integer::sum);
                }

                @Override
                public void flush(boolean endOfInput) throws IOException {}

                @Override
                public void close() {}
            };
        }
    }
}
