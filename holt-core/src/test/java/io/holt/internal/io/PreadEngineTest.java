package io.holt.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holt.api.IoEngineKind;
import io.holt.testkit.OffHeap;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class PreadEngineTest extends IoEngineContract {

    @Override
    IoEngine openEngine() {
        return IoEngines.open(IoEngineKind.PREAD);
    }

    @Test
    void failuresNameTheCallAndTheErrno() {
        assertThatThrownBy(() -> engine.open(file("absent"), OpenMode.READ, Caching.CACHED))
                .hasMessage("open of " + file("absent") + " failed: ENOENT (no such file or directory)");
    }

    @Test
    void aFileSystemWithoutDirectAccessIsReadThroughThePageCache() {
        Path noDirect = Path.of("/proc/self/cmdline");
        assumeTrue(Files.exists(noDirect));
        try (PosixFile file = PosixFile.open(noDirect, OpenMode.READ, Caching.DIRECT);
                OffHeap memory = new OffHeap(4096)) {
            assertThat(file.isDirect()).isFalse();
            file.read(0, memory.address(), 4);
            assertThat(memory.get(0, 4)).isNotEqualTo(new byte[4]);
        }
    }

    @Test
    void locksOfChannelsAndDescriptorsSeeEachOther() {
        try (IoLock lock = HostLock.tryChannel(file("lock"), false)) {
            assertThat(lock).isNotNull();
            assertThat(engine.tryLock(file("lock"), false)).isNull();
        }
        try (IoLock lock = engine.tryLock(file("lock"), false)) {
            assertThat(lock).isNotNull();
            assertThat(HostLock.tryChannel(file("lock"), false)).isNull();
        }
    }
}
