package io.holt.api;

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

    private final long memoryBytes;
    private final MemoryBudget memory;
    private final Durability durability;
    private final IoEngineKind ioEngine;
    private final boolean createIfMissing;

    private HoltOptions(Builder builder) {
        this.memoryBytes = builder.memoryBytes;
        this.memory = builder.memory;
        this.durability = builder.durability;
        this.ioEngine = builder.ioEngine;
        this.createIfMissing = builder.createIfMissing;
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

    /** Collects options. Not for use by several threads at once. */
    public static final class Builder {
        private long memoryBytes = DEFAULT_MEMORY_BYTES;
        private MemoryBudget memory;
        private Durability durability = Durability.ASYNC;
        private IoEngineKind ioEngine = IoEngineKind.AUTO;
        private boolean createIfMissing = true;

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

        public HoltOptions build() {
            return new HoltOptions(this);
        }
    }
}
