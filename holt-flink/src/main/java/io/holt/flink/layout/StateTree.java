package io.holt.flink.layout;

import io.holt.api.HoltTree;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.RegisteredPriorityQueueStateBackendMetaInfo;
import org.apache.flink.runtime.state.RegisteredStateMetaInfoBase;

/** A tree and what Flink knows of the state in it. For the task's thread. */
public final class StateTree {

    private final HoltTree tree;
    private RegisteredStateMetaInfoBase metaInfo;
    private long lastSequence = StateKeyDescriptor.FIRST_SEQUENCE;

    StateTree(HoltTree tree, RegisteredStateMetaInfoBase metaInfo) {
        this.tree = tree;
        this.metaInfo = metaInfo;
    }

    /** The state's name. */
    public String name() {
        return metaInfo.getName();
    }

    public HoltTree tree() {
        return tree;
    }

    public RegisteredStateMetaInfoBase metaInfo() {
        return metaInfo;
    }

    /** Replaces what is known of the state, after its serializers were updated. */
    public void metaInfo(RegisteredStateMetaInfoBase updated) {
        this.metaInfo = updated;
    }

    public boolean isKeyValue() {
        return metaInfo instanceof RegisteredKeyValueStateBackendMetaInfo;
    }

    public boolean isTimers() {
        return metaInfo instanceof RegisteredPriorityQueueStateBackendMetaInfo;
    }

    public boolean isList() {
        return metaInfo instanceof RegisteredKeyValueStateBackendMetaInfo<?, ?> keyValue
                && keyValue.getStateType() == StateDescriptor.Type.LIST;
    }

    /**
     * The number for the next leaf of any list in the tree. It grows over all lists of the tree, so appending to one
     * need not look for its last leaf.
     */
    public long nextSequence() {
        return ++lastSequence;
    }

    /** The number of the last leaf that was appended. */
    public long lastSequence() {
        return lastSequence;
    }

    /** Says that leaves up to this number may be in the tree. */
    public void continueAfter(long sequence) {
        lastSequence = Math.max(lastSequence, sequence);
    }
}
