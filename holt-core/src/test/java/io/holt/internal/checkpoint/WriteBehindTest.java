package io.holt.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.holt.api.HoltIoException;
import io.holt.internal.store.BlobBatch;
import io.holt.internal.store.BlobStore;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After a write that failed nothing is written any more, unless all that failed did so for lack of room. */
class WriteBehindTest {

    private final HoltIoException full = new HoltIoException("no room", null, true);
    private final HoltIoException broken = new HoltIoException("no disk");

    private static BlobStore failing(Map<BlobBatch, HoltIoException> failures) {
        return (BlobStore) Proxy.newProxyInstance(
                BlobStore.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    throw failures.get((BlobBatch) arguments[0]);
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofTwoFailuresThatOfABrokenDiskCounts(boolean brokenFirst) {
        BlobBatch one = new BlobBatch(1);
        BlobBatch other = new BlobBatch(1);
        BlobStore store = failing(Map.of(one, brokenFirst ? broken : full, other, brokenFirst ? full : broken));
        try (WriteBehind behind = new WriteBehind(store, 2)) {
            behind.begin(0, one);
            behind.begin(1, other);
            HoltIoException first = catchThrowableOfType(HoltIoException.class, () -> behind.await(0));
            assertThat(first).isSameAs(brokenFirst ? broken : full);
            assertThat(behind.worstOf(first)).isSameAs(broken);
            behind.awaitAll();
        }
    }
}
