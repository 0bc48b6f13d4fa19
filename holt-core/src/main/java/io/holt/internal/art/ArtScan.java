package io.holt.internal.art;

/**
 * Copies records of one frame, in order and from a seek position on, into a chunk. Latency-critical: one instance a
 * cursor, no allocation once its arrays have grown.
 *
 * <p>May run beside a writer: it stays within the slab and ends whatever it reads; the caller validates the frame's
 * version afterwards (I2) and throws away the chunk if that fails.
 */
public final class ArtScan {

    /** The frame has no more records in the scan's direction. */
    public static final int EXHAUSTED = 1;

    /** The chunk is full. */
    public static final int CHUNK_FULL = 2;

    /** The scan goes on in a child frame, see {@link #crossingBlobId}. */
    public static final int AT_CROSSING = 3;

    /** What was read makes no sense. */
    public static final int TORN_FRAME = 4;

    /** What follows, here and in all frames, lies beyond the scan's end. */
    public static final int BEYOND_END = 5;

    static final int GO_ON = 0;

    private final ScanChunk chunk;
    private final LeafRun run = new LeafRun();
    private final ScanGroups groups = new ScanGroups();
    private final LeafBound bound = new LeafBound();

    private final SeekPosition seek = new SeekPosition();
    private final FrameWalk walk = new FrameWalk(run, groups, seek);

    /** What the walk said that filled the run. */
    private int walked;

    private boolean reverse;

    public ArtScan(ScanChunk chunk) {
        this.chunk = chunk;
    }

    /**
     * Sets the direction and what all wanted keys start with; a seek follows.
     *
     * @param commonBytes kept, not copied
     */
    public void direct(boolean descending, byte[] commonBytes) {
        reverse = descending;
        seek.direct(descending, commonBytes);
    }

    /**
     * Sets where the scan ends in its direction; a seek follows.
     *
     * @param key kept, not copied; null if only the prefix ends it
     */
    public void end(byte[] key, boolean inclusive) {
        bound.set(key, inclusive, reverse);
    }

    /** Which records stand for others. */
    public ScanGroups groups() {
        return groups;
    }

    /** Sets where the next fill starts; the bytes are copied. */
    public void seek(byte[] bytes, int offset, int length, SeekMode seekMode) {
        seek.set(bytes, offset, length, seekMode);
    }

    /** Whether so many bytes of the path to a crossing are too few for anything behind it to have the prefix. */
    public boolean isBeyondPrefix(int pathBytes) {
        return pathBytes <= seek.prefixBytes();
    }

    /** After AT_CROSSING: the child frame. */
    public int crossingBlobId() {
        return walk.crossingBlobId();
    }

    /** After AT_CROSSING: the edge of the crossing's group that is the farthest in the scan's direction. */
    public int crossingFarEdge() {
        return walk.crossingFarEdge();
    }

    /** After AT_CROSSING: depth of the crossing's node; its path is in {@link #pathArray}, one byte longer. */
    public int crossingDepth() {
        return walk.crossingDepth();
    }

    /** After AT_CROSSING: whether the seek position itself leads into the child; if not, all of it is wanted. */
    public boolean crossingOnSeekPath() {
        return walk.crossingOnSeekPath();
    }

    public byte[] pathArray() {
        return walk.path();
    }

    /**
     * Walks a frame that the seek position leads to, and fills the chunk.
     *
     * @param walkRecords most records that the walk goes to; those not copied now are there for {@link #fillOn}
     * @param copyRecords most records that are copied
     * @return one of the constants above
     */
    public int fill(long frameAddress, int walkRecords, int copyRecords) {
        run.start(frameAddress, walkRecords);
        int result = walk.walk(frameAddress, reverse);
        walked = result == GO_ON ? EXHAUSTED : result;
        int within = bound.within(run);
        if (within < run.count()) {
            run.keep(within);
            walked = BEYOND_END;
        }
        return fillOn(copyRecords);
    }

    /** Whether the last walk went to records that were not copied yet. */
    public boolean canFillOn() {
        return !run.isTaken();
    }

    /** Fills the chunk with what follows in the same frame, if nothing changed there: the caller validates. */
    public int fillOn(int copyRecords) {
        chunk.take(run, copyRecords);
        return run.isTaken() ? walked : CHUNK_FULL;
    }
}
