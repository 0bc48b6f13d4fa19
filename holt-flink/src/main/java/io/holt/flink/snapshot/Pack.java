package io.holt.flink.snapshot;

import org.apache.flink.runtime.state.StreamStateHandle;

/**
 * A stream of frames that was written for one checkpoint and that later ones share.
 *
 * @param name tells it from all other packs, of whatever backend
 * @param handle where it is kept
 * @param bytes its length
 */
public record Pack(String name, StreamStateHandle handle, long bytes) {

    /** Packs are the same if their names are. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Pack pack && pack.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
