package org.apache.flink.runtime.state.ttl;

/** As {@link HoltTtlStateTest}, with incremental checkpoints. */
class HoltIncrementalTtlStateTest extends HoltTtlStateTest {

    @Override
    boolean isIncremental() {
        return true;
    }

    /** Frames go up as they are; expired state is left out of full checkpoints and canonical savepoints only. */
    @Override
    public boolean isSavepoint() {
        return false;
    }
}
