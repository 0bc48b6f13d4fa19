package io.holt.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.memory.BlobBufPool;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Fails a test after which slabs or buffers are not freed that were not there before it. */
public final class NoLeakedFrames implements BeforeEachCallback, AfterEachCallback {

    private static final Namespace NAMESPACE = Namespace.create(NoLeakedFrames.class);

    @Override
    public void beforeEach(ExtensionContext test) {
        test.getStore(NAMESPACE).put(test.getUniqueId(), BlobBufPool.liveBytes());
    }

    @Override
    public void afterEach(ExtensionContext test) {
        long before = test.getStore(NAMESPACE).get(test.getUniqueId(), Long.class);
        assertThat(BlobBufPool.liveBytes()).as("bytes that are not freed").isEqualTo(before);
    }
}
