package io.holt;

import static io.holt.ArrivalKit.LARGE_VALUE_BYTES;
import static io.holt.ArrivalKit.groups;
import static io.holt.ArrivalKit.kit;
import static io.holt.ArrivalKit.working;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.ArrivalKit.Told;
import io.holt.api.CorruptDataException;
import io.holt.api.Durability;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.ImageArrival;
import io.holt.api.InvalidOptionException;
import io.holt.api.MemoryBudget;
import io.holt.testkit.NoLeakedFrames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/** What becomes of a database when frames of its image can not be read, or are not to be read any more. */
@ExtendWith(NoLeakedFrames.class)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ImageArrivalFailureTest {

    @TempDir
    private Path temp;

    private enum Harm {
        DAMAGED,
        CUT_OFF,
        EXCHANGED,
        FAILING
    }

    private static KeptSource harmed(ArrivalKit kit, Harm harm, int blobId) {
        return switch (harm) {
            case DAMAGED -> kit.source().damagedAt(blobId);
            case CUT_OFF -> kit.source().cutOffAt(blobId);
            case EXCHANGED ->
                kit.source().exchanged(blobId, kit.frames.keySet().iterator().next());
            case FAILING -> kit.source().failingAt(blobId);
        };
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.EnumSource(Harm.class)
    void whatCantBeReadIsReportedAndNothingElseGiven(Harm harm) throws Exception {
        ArrivalKit kit = groups();
        int bad = kit.someFrame();
        Class<? extends RuntimeException> expected =
                harm == Harm.FAILING ? HoltIoException.class : CorruptDataException.class;
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            KeptSource source = harmed(kit, harm, bad);
            ImageArrival arrival = Holt.arriving(kit.catalog, source, temp.resolve("db"), working(budget));
            HoltDb db = arrival.db();
            int refused = 0;
            NavigableMap<byte[], byte[]> model = kit.expected.tree("groups");
            List<byte[]> keys = new ArrayList<>(model.keySet());
            for (int i = 0; i < keys.size(); i += 17) {
                try {
                    assertThat(db.tree("groups").get(keys.get(i))).isEqualTo(model.get(keys.get(i)));
                } catch (CorruptDataException | HoltIoException e) {
                    assertThat(e).isInstanceOf(expected).hasMessageContaining("pack " + bad);
                    refused++;
                }
            }
            Told told = new Told();
            arrival.start(told);
            assertThat(told.cause()).isInstanceOf(expected).hasMessageContaining("pack " + bad);
            assertThatThrownBy(arrival::await).isSameAs(told.cause());
            // Whether a key that was asked for is in that frame depends on how the tree came out.
            assertThat(refused).isLessThan(keys.size() / 17);
            assertThatThrownBy(db::close).isInstanceOf(expected);
            assertThat(db.isClosed()).isTrue();
            assertThat(source.isClosed()).isTrue();
            assertThat(source.openStreams()).isZero();
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void aMissingFrameIsReported() throws Exception {
        ArrivalKit kit = groups();
        int missing = kit.someFrame();
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            kit.frames.remove(missing);
            ImageArrival arrival = Holt.arriving(kit.catalog, kit.source(), temp.resolve("db"), working(budget));
            Told told = new Told();
            arrival.start(told);
            assertThat(told.cause())
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("blob " + missing + " ")
                    .hasMessageContaining("missing");
            arrival.db().discard();

            kit.frames.clear();
            KeptSource nothing = kit.source();
            assertThatThrownBy(() -> Holt.arriving(kit.catalog, nothing, temp.resolve("other"), working(budget)))
                    .isInstanceOf(CorruptDataException.class)
                    .hasMessageContaining("missing");
            assertThat(temp.resolve("other")).doesNotExist();
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void discardDoesNotWaitForWhatIsStillToBeRead() throws Exception {
        ArrivalKit kit = groups();
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            KeptSource source = kit.source().blockedAt(kit.somePart());
            ImageArrival arrival = Holt.arriving(kit.catalog, source, temp.resolve("db"), working(budget));
            Told told = new Told();
            arrival.start(told);
            source.awaitBlocked();
            kit.expected.tree("groups").forEach((key, value) -> {
                // Of the others, one waits for what is blocked.
                if (value.length < LARGE_VALUE_BYTES) {
                    assertThat(arrival.db().tree("groups").get(key)).isEqualTo(value);
                }
            });
            arrival.db().discard();
            assertThat(arrival.db().isClosed()).isTrue();
            assertThatThrownBy(arrival::await).isInstanceOf(HoltClosedException.class);
            assertThat(told.ended.getCount()).isOne();
            assertThat(source.openStreams()).isZero();
            assertThat(budget.usedBytes()).isZero();
        }
    }

    @Test
    void isStartedOnceAndNotAfterTheEnd() throws Exception {
        ArrivalKit kit = kit(7);
        try (MemoryBudget budget = Holt.memory(64L << 20)) {
            ImageArrival arrival = Holt.arriving(kit.catalog, kit.source(), temp.resolve("db"), working(budget));
            assertThatThrownBy(arrival::await).isInstanceOf(IllegalStateException.class);
            arrival.start(new Told());
            assertThatThrownBy(() -> arrival.start(new Told())).isInstanceOf(IllegalStateException.class);
            arrival.db().close();
            arrival.await();

            KeptSource unused = kit.source();
            ImageArrival other = Holt.arriving(kit.catalog, unused, temp.resolve("other"), working(budget));
            other.db().discard();
            assertThat(unused.opened()).isEmpty();
            assertThat(unused.isClosed()).isTrue();
            assertThatThrownBy(() -> other.start(new Told())).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(other::await).isInstanceOf(HoltClosedException.class);

            HoltOptions logged = HoltOptions.builder()
                    .memory(budget)
                    .durability(Durability.ASYNC)
                    .build();
            assertThatThrownBy(() -> Holt.arriving(kit.catalog, unused, temp.resolve("logged"), logged))
                    .isInstanceOf(InvalidOptionException.class);
        }
    }
}
