package io.holt.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.IoEngineKind;
import org.junit.jupiter.api.Test;

class ChannelEngineTest extends IoEngineContract {

    @Override
    IoEngine openEngine() {
        return IoEngines.open(IoEngineKind.CHANNEL);
    }

    @Test
    void processWideLocksKeepOthersOut() {
        try (IoLock lock = HostLock.tryChannel(file("lock"), false)) {
            assertThat(lock).isNotNull();
            assertThat(HostLock.tryChannel(file("lock"), false)).isNull();
            assertThat(HostLock.tryChannel(file("lock"), true)).isNull();
        }
        IoLock again = HostLock.tryChannel(file("lock"), true);
        assertThat(again).isNotNull();
        again.close();
    }
}
