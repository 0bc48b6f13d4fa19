package io.holt.internal.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that starts freeing of unhooked subtrees, one for all databases: to start a thread costs who unhooked
 * them more than all else that he does, to wake one a tenth of that.
 *
 * <p>Invariant: it lives while an open database has had something to free. Each database frees in a thread of its own,
 * so that none waits for the files of another one.
 *
 * <p>Threads: any; who unhooks waits for nobody once his database is known here.
 */
final class DropThread implements Runnable {

    private static final Object LOCK = new Object();

    /** The thread of those databases that had something to free, or null. */
    private static DropThread current;

    private final List<SubtreeDrop> drops = new ArrayList<>();
    private Thread thread;

    private DropThread() {}

    /** Has what waits freed soon, unless the database is about to close. */
    static void wake(SubtreeDrop drop) {
        DropThread known = drop.starter;
        if (known == null) {
            known = enter(drop);
        }
        if (known != null) {
            LockSupport.unpark(known.thread);
        }
    }

    private static DropThread enter(SubtreeDrop drop) {
        synchronized (LOCK) {
            if (drop.starter == null && !drop.isStopped()) {
                if (current == null) {
                    current = new DropThread();
                    current.thread = Thread.ofPlatform()
                            .daemon()
                            .inheritInheritableThreadLocals(false)
                            .name("holt-subtree-drop")
                            .start(current);
                }
                current.drops.add(drop);
                drop.starter = current;
            }
            return drop.starter;
        }
    }

    /** Forgets a database that is stopped. The last one ends the thread. */
    static void leave(SubtreeDrop drop) {
        synchronized (LOCK) {
            if (current != null && current.drops.remove(drop) && current.drops.isEmpty()) {
                LockSupport.unpark(current.thread);
                current = null;
            }
        }
    }

    Thread thread() {
        return thread;
    }

    @Override
    public void run() {
        while (startAll()) {
            LockSupport.park(this);
        }
    }

    /** Has each database free what waits there; false if there is no database any more. */
    private boolean startAll() {
        synchronized (LOCK) {
            for (SubtreeDrop drop : drops) {
                if (drop.isWaiting()) {
                    Thread.ofVirtual().name("holt-subtree-drop").start(drop::runInBackground);
                }
            }
            return current == this;
        }
    }
}
