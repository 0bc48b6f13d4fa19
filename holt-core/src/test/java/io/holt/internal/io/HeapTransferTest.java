package io.holt.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holt.api.IoEngineKind;
import io.holt.testkit.OffHeap;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeapTransferTest {

    @TempDir
    Path directory;

    @Test
    void carriesAnyPartOfAnArrayInPieces() {
        byte[] content = IoEngineThreadContract.randomBytes(1, 300_000);
        byte[] found = new byte[content.length];
        try (IoEngine engine = IoEngines.open(IoEngineKind.AUTO);
                IoFile file = engine.open(directory.resolve("data"), OpenMode.CREATE, Caching.CACHED);
                OffHeap memory = new OffHeap(content.length)) {
            HeapTransfer.write(file, 5, content, 1000, 0);
            assertThat(file.size()).isZero();
            HeapTransfer.write(file, 5, content, 1000, 200_001);
            assertThat(file.size()).isEqualTo(200_006);
            file.read(5, memory.address(), 200_001);
            assertThat(memory.get(0, 200_001)).isEqualTo(Arrays.copyOfRange(content, 1000, 201_001));
            HeapTransfer.read(file, 10, found, 7, 199_996);
            assertThat(Arrays.copyOfRange(found, 7, 200_003)).isEqualTo(Arrays.copyOfRange(content, 1005, 201_001));
            assertThat(found[6]).isZero();
            assertThat(found[200_003]).isZero();
        }
    }

    /** No counter may run past 2^31. */
    @Test
    void carriesTheLongestValue() {
        assumeTrue(Runtime.getRuntime().maxMemory() > 4L << 30, "needs a heap of 4 GiB");
        byte[] longest = new byte[Integer.MAX_VALUE - 16];
        long[] transferred = {0};
        IoFile counting = (IoFile) Proxy.newProxyInstance(
                IoFile.class.getClassLoader(), new Class<?>[] {IoFile.class}, (proxy, method, arguments) -> {
                    assertThat((long) arguments[0]).isEqualTo(transferred[0]);
                    transferred[0] += (long) arguments[2];
                    return null;
                });
        HeapTransfer.write(counting, 0, longest, 0, longest.length);
        assertThat(transferred[0]).isEqualTo(longest.length);
        transferred[0] = 0;
        HeapTransfer.read(counting, 0, longest, 0, longest.length);
        assertThat(transferred[0]).isEqualTo(longest.length);
    }
}
