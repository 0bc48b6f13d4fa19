package io.holt.api;

/** What a database with files still has after a crash, besides its newest checkpoint. */
public enum Durability {
    /** Nothing: there is no log. For callers with checkpoints of their own, such as a stream processor's. */
    NONE,
    /** What was written before the process died: a change is in the operating system's hands when it returns. */
    ASYNC,
    /** What was written before the machine lost power: a change is on the device when it returns. */
    SYNC
}
