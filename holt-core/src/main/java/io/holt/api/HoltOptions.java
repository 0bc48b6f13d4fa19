package io.holt.api;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** How a database is opened. Immutable; made by {@link #builder()}. */
public final class HoltOptions {

    /** Memory of a database for which none was said: 256 MiB. */
    public static final long DEFAULT_MEMORY_BYTES = 256L << 20;

    /** Least memory of a database: 8 frames, 4 MiB. */
    public static final long MIN_MEMORY_BYTES = 8L * MemoryBudget.FRAME_BYTES;

    /** Most memory of one budget: 65,536 frames, 32 GiB. */
    public static final long MAX_MEMORY_BYTES = 65_536L * MemoryBudget.FRAME_BYTES;

    /** How long the log may grow before a checkpoint is taken, if nothing else was said: 256 MiB. */
    public static final long DEFAULT_CHECKPOINT_LOG_BYTES = 256L << 20;

    /** The least limit on the log: one segment of it, 16 MiB. */
    public static final long MIN_CHECKPOINT_LOG_BYTES = 16L << 20;

    private static final long MIN_CHECKPOINT_AGE_MILLIS = 10;

    private final long memoryBytes;
    private final MemoryBudget memory;
    private final Durability durability;
    private final IoEngineKind ioEngine;
    private final boolean createIfMissing;
    private final boolean readOnly;
    private final long checkpointDirtyBytes;
    private final long checkpointLogBytes;
    private final Duration checkpointAge;

    private HoltOptions(Builder builder) {
        this.memoryBytes = builder.memoryBytes;
        this.memory = builder.memory;
        this.durability = builder.durability;
        this.ioEngine = builder.ioEngine;
        this.createIfMissing = builder.createIfMissing;
        this.readOnly = builder.readOnly;
        this.checkpointDirtyBytes = builder.checkpointDirtyBytes;
        this.checkpointLogBytes = builder.checkpointLogBytes;
        this.checkpointAge = builder.checkpointAge;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The options of a builder that was told nothing. */
    public static HoltOptions defaults() {
        return builder().build();
    }

    /** Off-heap bytes of a database that has no shared budget, a multiple of the frame size. */
    public long memoryBytes() {
        return memoryBytes;
    }

    /** The shared budget, if there is one; then {@link #memoryBytes()} says nothing. */
    public Optional<MemoryBudget> memory() {
        return Optional.ofNullable(memory);
    }

    public Durability durability() {
        return durability;
    }

    public IoEngineKind ioEngine() {
        return ioEngine;
    }

    /** Whether opening a directory that holds no database makes one. */
    public boolean createIfMissing() {
        return createIfMissing;
    }

    /** Whether the database is only read. */
    public boolean readOnly() {
        return readOnly;
    }

    /** How many bytes of changed frames call for a checkpoint; 0: however many there are. */
    public long checkpointDirtyBytes() {
        return checkpointDirtyBytes;
    }

    /** How many bytes of log call for a checkpoint; 0: however many there are. */
    public long checkpointLogBytes() {
        return checkpointLogBytes;
    }

    /** How old the oldest change may get before a checkpoint is taken; zero: any age. */
    public Duration checkpointAge() {
        return checkpointAge;
    }

    /** Collects options. Not for use by several threads at once. */
    public static final class Builder {
        private long memoryBytes = DEFAULT_MEMORY_BYTES;
        private MemoryBudget memory;
        private Durability durability = Durability.ASYNC;
        private IoEngineKind ioEngine = IoEngineKind.AUTO;
        private boolean createIfMissing = true;
        private boolean readOnly;
        private long checkpointDirtyBytes;
        private long checkpointLogBytes = DEFAULT_CHECKPOINT_LOG_BYTES;
        private Duration checkpointAge = Duration.ZERO;

        private Builder() {}

        /**
         * Off-heap bytes of this database alone, rounded down to whole frames of 512 KiB.
         *
         * @throws InvalidOptionException unless {@code MIN_MEMORY_BYTES <= bytes <= MAX_MEMORY_BYTES}
         */
        public Builder memoryBytes(long bytes) {
            if (bytes < MIN_MEMORY_BYTES || bytes > MAX_MEMORY_BYTES) {
                throw new InvalidOptionException(
                        "memoryBytes",
                        String.valueOf(bytes),
                        "give " + MIN_MEMORY_BYTES + " (8 frames) to " + MAX_MEMORY_BYTES + " (65,536 frames) bytes");
            }
            this.memoryBytes = bytes - bytes % MemoryBudget.FRAME_BYTES;
            return this;
        }

        /** A budget shared with other databases; the caller closes it, after them. */
        public Builder memory(MemoryBudget shared) {
            this.memory = Objects.requireNonNull(shared, "shared");
            return this;
        }

        /** Default {@link Durability#ASYNC}. Says nothing for a database without files. */
        public Builder durability(Durability value) {
            this.durability = Objects.requireNonNull(value, "value");
            return this;
        }

        /** Default {@link IoEngineKind#AUTO}. */
        public Builder ioEngine(IoEngineKind value) {
            this.ioEngine = Objects.requireNonNull(value, "value");
            return this;
        }

        /** Default true. */
        public Builder createIfMissing(boolean value) {
            this.createIfMissing = value;
            return this;
        }

        /**
         * Opens the database beside other readers, and never beside a writer. What its log holds is applied in memory;
         * no file is changed. Everything that would change it throws {@link ReadOnlyException}. Default false.
         */
        public Builder readOnly(boolean value) {
            this.readOnly = value;
            return this;
        }

        /**
         * Takes checkpoints in the background when so many bytes of frames were changed since the last one. Default 0:
         * not for this reason.
         *
         * @throws InvalidOptionException if it is negative, or positive and less than a frame of 512 KiB
         */
        public Builder checkpointDirtyBytes(long bytes) {
            if (bytes < 0 || (bytes > 0 && bytes < MemoryBudget.FRAME_BYTES)) {
                throw new InvalidOptionException(
                        "checkpointDirtyBytes",
                        String.valueOf(bytes),
                        "give 0 for none, or at least " + MemoryBudget.FRAME_BYTES + " (one frame)");
            }
            this.checkpointDirtyBytes = bytes;
            return this;
        }

        /**
         * Takes checkpoints in the background when the log is longer than this, so that it can be cut. Says nothing for
         * {@link Durability#NONE}, which has no log. Default {@link #DEFAULT_CHECKPOINT_LOG_BYTES}; 0: not for this
         * reason.
         *
         * @throws InvalidOptionException if it is negative, or positive and less than {@link #MIN_CHECKPOINT_LOG_BYTES}
         */
        public Builder checkpointLogBytes(long bytes) {
            if (bytes < 0 || (bytes > 0 && bytes < MIN_CHECKPOINT_LOG_BYTES)) {
                throw new InvalidOptionException(
                        "checkpointLogBytes",
                        String.valueOf(bytes),
                        "give 0 for none, or at least " + MIN_CHECKPOINT_LOG_BYTES + " (one segment of the log)");
            }
            this.checkpointLogBytes = bytes;
            return this;
        }

        /**
         * Takes checkpoints in the background when a change has waited so long for one. Default zero: not for this
         * reason.
         *
         * @throws InvalidOptionException if it is negative, or positive and less than 10 ms
         */
        public Builder checkpointAge(Duration age) {
            if (age.isNegative() || (!age.isZero() && age.toMillis() < MIN_CHECKPOINT_AGE_MILLIS)) {
                throw new InvalidOptionException(
                        "checkpointAge",
                        age.toString(),
                        "give zero for none, or at least " + MIN_CHECKPOINT_AGE_MILLIS + " ms");
            }
            this.checkpointAge = age;
            return this;
        }

        public HoltOptions build() {
            return new HoltOptions(this);
        }
    }
}
