package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.kstream.internals.TimeWindow;
import org.apache.kafka.streams.state.internals.SessionKeySchema;
import org.apache.kafka.streams.state.internals.WindowKeySchema;
import org.junit.jupiter.api.Test;

/** The bytes of the keys and of old versions, which must stay as they are (I9), and their order. */
final class KeyLayoutTest {

    private static final byte[] KEY = {'k', 0};

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] inBucket(long bucket, byte[] key) {
        BucketKey.putPrefix(key, bucket);
        return key;
    }

    @Test
    void windowKeysAreAsTheyAlwaysWere() {
        byte[] key = inBucket(2, WindowKey.of(KEY, 0x0102030405060708L, 9));

        assertThat(hex(key)).isEqualTo("8000000000000002" + "6b00" + "0102030405060708" + "00000009");
        assertThat(hex(WindowKey.toTimes(key)))
                .isEqualTo("8000000000000002" + "0102030405060708" + "6b00" + "00000009");
        assertThat(WindowKey.fromTimes(WindowKey.toTimes(key), 0, key.length)).isEqualTo(key);
        assertThat(Arrays.copyOfRange(key, BucketKey.PREFIX_BYTES, key.length))
                .as("the changelog's key")
                .isEqualTo(WindowKeySchema.toStoreKeyBinary(Bytes.wrap(KEY), 0x0102030405060708L, 9)
                        .get());
        Windowed<Bytes> window =
                new Windowed<>(Bytes.wrap(KEY), new TimeWindow(0x0102030405060708L, 0x0102030405060708L + 10));
        assertThat(WindowKey.reader(10).read(key, 0, key.length)).isEqualTo(window);
        assertThat(WindowKey.readerOfTimes(10).read(WindowKey.toTimes(key), 0, key.length))
                .isEqualTo(window);
    }

    @Test
    void sessionKeysAreAsTheyAlwaysWere() {
        byte[] key = inBucket(-1, SessionKey.of(KEY, 3, 0x0102030405060708L));

        assertThat(hex(key)).isEqualTo("7fffffffffffffff" + "6b00" + "0102030405060708" + "0000000000000003");
        assertThat(hex(SessionKey.toTimes(key)))
                .isEqualTo("7fffffffffffffff" + "0102030405060708" + "0000000000000003" + "6b00");
        assertThat(SessionKey.fromTimes(SessionKey.toTimes(key), 0, key.length)).isEqualTo(key);
        assertThat(Arrays.copyOfRange(key, BucketKey.PREFIX_BYTES, key.length))
                .as("the changelog's key")
                .isEqualTo(SessionKeySchema.toBinary(Bytes.wrap(KEY), 3, 0x0102030405060708L)
                        .get());
        Windowed<Bytes> session = new Windowed<>(Bytes.wrap(KEY), new SessionWindow(3, 0x0102030405060708L));
        assertThat(SessionKey.read(key, 0, key.length)).isEqualTo(session);
        assertThat(SessionKey.readTimes(SessionKey.toTimes(key), 0, key.length)).isEqualTo(session);
    }

    @Test
    void versionsAreAsTheyAlwaysWere() {
        assertThat(hex(VersionRecord.historyKey(1, KEY, 5)))
                .isEqualTo("8000000000000001" + "0002" + "6b00" + "8000000000000005");
        assertThat(hex(VersionRecord.version(7, new byte[] {'v'}))).isEqualTo("0000000000000007" + "01" + "76");
        assertThat(hex(VersionRecord.deletion(5))).isEqualTo("0000000000000005" + "02");
        assertThat(hex(VersionRecord.latest(5, new byte[] {'v'}))).isEqualTo("0000000000000005" + "76");
    }

    /** Buckets before and after the epoch, and the versions of a key, lie in the order of their times. */
    @Test
    void theOrderOfTheBytesIsTheOrderOfTheTimes() {
        SplittableRandom random = new SplittableRandom(1);
        List<Long> times = random.longs(200).boxed().sorted().toList();
        for (int i = 1; i < times.size(); i++) {
            long before = times.get(i - 1);
            long after = times.get(i);
            assertThat(Arrays.compareUnsigned(BucketKey.prefix(before), BucketKey.prefix(after)))
                    .isNegative();
            assertThat(Arrays.compareUnsigned(
                            VersionRecord.historyKey(0, KEY, before), VersionRecord.historyKey(0, KEY, after)))
                    .isNegative();
            assertThat(BucketKey.bucket(BucketKey.prefix(after), 0)).isEqualTo(after);
        }
    }
}
