package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;

/** Streaming SQL, whose operators keep state of all kinds, gives on Holt what it gives on Flink's heap backend. */
class SqlTest {

    private static final int EVENTS = 6000;

    /** No row is at time 0: to join it or not depends, in Flink's join within a time, on which input is faster. */
    private static final String TABLE = """
        CREATE TABLE %s (
            id BIGINT,
            account AS (id * id * 7919) %% 211,
            amount AS (id * 104729) %% 997,
            ts AS TO_TIMESTAMP_LTZ(id * 100 + 1, 3),
            WATERMARK FOR ts AS ts
        ) WITH (
            'connector' = 'datagen',
            'fields.id.kind' = 'sequence',
            'fields.id.start' = '0',
            'fields.id.end' = '%d'
        )\
        """;

    /** Queries by what they are about. */
    private static final Map<String, String> QUERIES = Map.of(
            "grouping and distinct values",
            """
            SELECT account, COUNT(*), SUM(amount), MIN(amount), MAX(amount), COUNT(DISTINCT amount % 17)
            FROM events GROUP BY account\
            """,
            "joins of all there is",
            """
            SELECT e.id, e.account, r.amount FROM events e
            LEFT JOIN (SELECT * FROM refunds WHERE MOD(id, 3) = 0) r ON e.id = r.id * 5\
            """,
            "joins within a time",
            """
            SELECT e.id, r.id FROM events e JOIN refunds r
            ON e.account = r.account AND r.ts BETWEEN e.ts AND e.ts + INTERVAL '20' SECOND\
            """,
            "tumbling windows",
            """
            SELECT account, window_start, SUM(amount), COUNT(*)
            FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '30' SECOND))
            GROUP BY account, window_start, window_end\
            """,
            "sessions",
            """
            SELECT account, window_start, window_end, COUNT(*)
            FROM TABLE(SESSION(TABLE events PARTITION BY account, DESCRIPTOR(ts), INTERVAL '10' SECOND))
            GROUP BY account, window_start, window_end\
            """,
            "the first of each group",
            """
            SELECT account, id, amount, place FROM (
                SELECT *, ROW_NUMBER() OVER (PARTITION BY account ORDER BY amount DESC, id) AS place FROM events)
            WHERE place <= 3\
            """,
            "running sums",
            """
            SELECT id, SUM(amount) OVER (
                PARTITION BY account ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW)
            FROM events\
            """);

    /** Rows of the results by what their queries are about, with how often each of them is there. */
    private static final Map<String, Map<String, Integer>> RESULTS = new ConcurrentHashMap<>();

    @Test
    void givesWhatItGivesOnTheHeap() throws Exception {
        Map<String, Map<String, Integer>> expected = run("hashmap");
        assertThat(expected).hasSameSizeAs(QUERIES);
        assertThat(expected.values()).allSatisfy(rows -> assertThat(rows).hasSizeGreaterThan(50));
        assertThat(run(TestStateBackendFactory.class.getName())).isEqualTo(expected);
    }

    /** Runs all queries in one job. */
    @SuppressWarnings("try") // Closing may be interrupted.
    private static Map<String, Map<String, Integer>> run(String backend) throws Exception {
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        options.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(256));
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
        // Some are taken while tasks end. A restart would count rows twice.
        options.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, Integer.MAX_VALUE);
        RESULTS.clear();
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, options)) {
            StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
            // State with a time to live is kept in other forms.
            tables.getConfig().setIdleStateRetention(Duration.ofHours(1));
            tables.executeSql(TABLE.formatted("events", EVENTS - 1));
            tables.executeSql(TABLE.formatted("refunds", EVENTS / 4 - 1));
            QUERIES.forEach((name, query) -> {
                RESULTS.put(name, new ConcurrentHashMap<>());
                tables.toChangelogStream(tables.sqlQuery(query)).sinkTo(new Totals(name));
            });
            environment.execute();
        }
        RESULTS.values().forEach(rows -> rows.values().removeIf(count -> count == 0));
        return new HashMap<>(RESULTS);
    }

    /** Counts the rows that a result has in the end, whichever way it came there. */
    private static final class Totals implements Sink<Row> {
        private static final long serialVersionUID = 1L;

        private final String query;

        Totals(String query) {
            this.query = query;
        }

        @Override
        public SinkWriter<Row> createWriter(WriterInitContext context) {
            Map<String, Integer> rows = RESULTS.get(query);
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
