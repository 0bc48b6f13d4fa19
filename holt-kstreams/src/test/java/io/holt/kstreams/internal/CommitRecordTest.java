package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.query.Position;
import org.junit.jupiter.api.Test;

/** I9: the format of a commit's record. */
final class CommitRecordTest {

    /**
     * Version 2, timestamped window, unsettled and indexed by time, one offset: 0x0102030405060708 of "log" 9; one
     * position: 5 of "in" 2; buckets of 60,000 ms; generation 3.
     */
    private static final String GOLDEN = "0200" + "05" + "03" + "01000000" + "01000000"
            + "60ea000000000000" + "03000000"
            + "0807060504030201" + "09000000" + "0300" + "6c6f67"
            + "0500000000000000" + "02000000" + "0200" + "696e";

    private static CommitRecord sample() {
        return new CommitRecord(
                new StoreLayout(StoreKind.TIMESTAMPED_WINDOW, 60_000, true, 3),
                true,
                Map.of(new TopicPartition("log", 9), 0x0102030405060708L),
                Position.emptyPosition().withComponent("in", 2, 5));
    }

    @Test
    void theBytesAreAsTheyAlwaysWere() {
        assertThat(HexFormat.of().formatHex(sample().encode())).isEqualTo(GOLDEN);
        assertThat(CommitRecord.decode(HexFormat.of().parseHex(GOLDEN))).isEqualTo(sample());
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Position position = Position.emptyPosition();
        for (int i = 0; i < 50; i++) {
            position.withComponent("topic-" + i % 7, i, Long.MAX_VALUE - i);
        }
        CommitRecord record = new CommitRecord(
                StoreLayout.keyValue(StoreKind.PLAIN),
                false,
                Map.of(new TopicPartition("a", 0), -4L, new TopicPartition("\u00e4\u20ac", Integer.MAX_VALUE), 0L),
                position);

        assertThat(CommitRecord.decode(record.encode())).isEqualTo(record);
        assertThat(CommitRecord.decode(CommitRecord.empty(StoreLayout.keyValue(StoreKind.PLAIN))
                        .encode()))
                .isEqualTo(CommitRecord.empty(StoreLayout.keyValue(StoreKind.PLAIN)));
    }

    @Test
    void everyTruncationIsNoticed() {
        byte[] whole = sample().encode();
        for (int bytes = 0; bytes < whole.length; bytes++) {
            byte[] part = Arrays.copyOf(whole, bytes);
            assertThatThrownBy(() -> CommitRecord.decode(part))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("its commit record");
        }
        assertThatThrownBy(() -> CommitRecord.decode(Arrays.copyOf(whole, whole.length + 1)))
                .hasMessageContaining("1 bytes too many");
    }

    @Test
    void newerVersionsAndUnknownKindsAreRefused() {
        byte[] newer = sample().encode();
        newer[0] = 3;
        assertThatThrownBy(() -> CommitRecord.decode(newer)).hasMessageContaining("version 3, not 2");

        byte[] unknown = sample().encode();
        unknown[2] = 77;
        assertThatThrownBy(() -> CommitRecord.decode(unknown)).hasMessageContaining("unknown kind of store 77");
    }
}
