package io.holt.internal.tree;

/**
 * What one operation needs and the next one can use again: one a thread, so that point reads and writes allocate
 * nothing. An operation never begins within another one on the same thread.
 */
final class Scratch {

    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    final Descent descent = new Descent();
    final Descent otherDescent = new Descent();
    final ValueSource value = new ValueSource();
    final TakenValue taken = new TakenValue();

    private byte[] bytes = new byte[256];

    /** Null while a scan of the thread is under way. */
    private ScanWalk walk;

    private ManyReader many;

    /** Null while a visit of many prefixes is under way. */
    private ManyVisitor manyVisitor;

    private PrefixMatch prefixMatch;

    private Scratch() {}

    /** A walk for one scan; {@link #keepWalk} gives it, or another one, back. */
    ScanWalk takeWalk() {
        ScanWalk taken = walk;
        walk = null;
        return taken != null ? taken : new ScanWalk();
    }

    void keepWalk(ScanWalk used) {
        walk = used;
    }

    /** A visitor of prefixes; {@link #keepManyVisitor} gives it, or another one, back. */
    ManyVisitor takeManyVisitor() {
        ManyVisitor taken = manyVisitor;
        manyVisitor = null;
        return taken != null ? taken : new ManyVisitor();
    }

    void keepManyVisitor(ManyVisitor used) {
        manyVisitor = used;
    }

    ManyReader many() {
        if (many == null) {
            many = new ManyReader();
        }
        return many;
    }

    PrefixMatch prefixMatch() {
        if (prefixMatch == null) {
            prefixMatch = new PrefixMatch();
        }
        return prefixMatch;
    }

    /** An array of at least so many bytes, for what is on its way from one place to another. */
    byte[] bytes(int atLeast) {
        if (atLeast > bytes.length) {
            bytes = new byte[Math.max(atLeast, 2 * bytes.length)];
        }
        return bytes;
    }

    static Scratch ofThread() {
        return OF_THREAD.get();
    }
}
