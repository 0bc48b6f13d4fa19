package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.drain;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.text;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.WindowKeyQuery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interactive queries: answers, and how new they are. */
final class QueryTest {

    @TempDir
    Path directory;

    private HoltKeyValueStore store;

    @BeforeEach
    void openStore() {
        TestTask task = new TestTask(TestEngine.create(), directory);
        store = task.openPlain();
        for (int i = 1; i <= 4; i++) {
            task.processing("input", 0, i);
            store.put(key("k" + i), value("v" + i));
        }
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private <R> QueryResult<R> query(Query<R> query, PositionBound bound) {
        return store.query(query, bound, new QueryConfig(false));
    }

    private List<String> records(RangeQuery<Bytes, byte[]> query) {
        return drain(query(query, PositionBound.unbounded()).getResult());
    }

    @Test
    void keyQueriesAnswerWithThePosition() {
        QueryResult<byte[]> found = query(KeyQuery.withKey(key("k2")), PositionBound.unbounded());

        assertThat(text(found.getResult())).isEqualTo("v2");
        assertThat(found.getPosition()).isEqualTo(Position.emptyPosition().withComponent("input", 0, 4));
        assertThat(query(KeyQuery.<Bytes, byte[]>withKey(key("none")), PositionBound.unbounded())
                        .getResult())
                .isNull();
    }

    @Test
    void rangeQueriesWalkBothWaysWithOpenEnds() {
        assertThat(records(RangeQuery.withRange(key("k2"), key("k3")))).containsExactly("k2=v2", "k3=v3");
        assertThat(records(RangeQuery.withLowerBound(key("k3")))).containsExactly("k3=v3", "k4=v4");
        assertThat(records(RangeQuery.withUpperBound(key("k1")))).containsExactly("k1=v1");
        assertThat(records(RangeQuery.withNoBounds())).hasSize(4);
        assertThat(records(RangeQuery.<Bytes, byte[]>withUpperBound(key("k2")).withDescendingKeys()))
                .containsExactly("k2=v2", "k1=v1");
        assertThat(records(RangeQuery.<Bytes, byte[]>withNoBounds().withDescendingKeys()))
                .containsExactly("k4=v4", "k3=v3", "k2=v2", "k1=v1");
    }

    @Test
    void aStoreThatIsBehindTheBoundSaysSo() {
        KeyQuery<Bytes, byte[]> query = KeyQuery.withKey(key("k2"));
        PositionBound reached = PositionBound.at(Position.emptyPosition().withComponent("input", 0, 4));
        PositionBound ahead = PositionBound.at(Position.emptyPosition().withComponent("input", 0, 5));

        assertThat(query(query, reached).isSuccess()).isTrue();
        assertThat(query(query, ahead).getFailureReason()).isEqualTo(FailureReason.NOT_UP_TO_BOUND);
    }

    @Test
    void queriesOfOtherStoresAreUnknown() {
        QueryResult<?> result = query(
                WindowKeyQuery.<Bytes, byte[]>withKeyAndWindowStartRange(key("k1"), Instant.EPOCH, Instant.now()),
                PositionBound.unbounded());

        assertThat(result.getFailureReason()).isEqualTo(FailureReason.UNKNOWN_QUERY_TYPE);
    }

    @Test
    void aClosedStoreAnswersWithAFailure() {
        store.close();

        assertThat(query(KeyQuery.<Bytes, byte[]>withKey(key("k1")), PositionBound.unbounded())
                        .getFailureReason())
                .isEqualTo(FailureReason.STORE_EXCEPTION);
    }
}
