package io.holt.internal.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltIoException;
import org.junit.jupiter.api.Test;

/** Which of several failures is thrown. */
final class IoBatchTest {

    private final HoltIoException full = new HoltIoException("full", null, true);
    private final HoltIoException broken = new HoltIoException("broken");

    private final IoBatch batch = new IoBatch(4);

    @Test
    void theEarliestRequestsOfFailuresOfOneKind() {
        batch.fail(2, new HoltIoException("later"));
        batch.fail(1, broken);
        batch.fail(3, new HoltIoException("last"));
        assertThatThrownBy(batch::throwIfFailed).isSameAs(broken);
    }

    @Test
    void aFullDiskHidesNoOtherFailure() {
        batch.fail(0, full);
        batch.fail(2, broken);
        batch.fail(1, full);
        assertThatThrownBy(batch::throwIfFailed).isSameAs(broken);
    }
}
