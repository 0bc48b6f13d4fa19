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
final class DropThread {

    static final DropThread SHARED = new DropThread();

    /** The databases that have had something to free; under the lock of this. */
    private final List<SubtreeDrop> drops = new ArrayList<>();

    /** Null if there are none; under the lock of this. */
    private Thread current;

    /** Has what waits freed soon, unless the database is about to close. */
    void wake(SubtreeDrop drop) {
        Thread known = drop.starter;
        if (known == null) {
            known = enter(drop);
        }
        if (known != null) {
            LockSupport.unpark(known);
        }
    }

    private synchronized Thread enter(SubtreeDrop drop) {
        if (drop.starter == null && !drop.isStopped()) {
            if (current == null) {
                current = Thread.ofPlatform()
                        .daemon()
                        .inheritInheritableThreadLocals(false)
                        .name("holt-subtree-drop")
                        .unstarted(this::run);
                current.start();
            }
            drops.add(drop);
            drop.starter = current;
        }
        return drop.starter;
    }

    /** Forgets a database that is stopped. The last one ends the thread. */
    synchronized void leave(SubtreeDrop drop) {
        if (drops.remove(drop) && drops.isEmpty()) {
            LockSupport.unpark(current);
            current = null;
        }
    }

    private void run() {
        while (startAll()) {
            LockSupport.park(this);
        }
    }

    /** Has each database free what waits there; false if the thread is not wanted any more. */
    private synchronized boolean startAll() {
        if (current != Thread.currentThread()) {
            return false;
        }
        for (SubtreeDrop drop : drops) {
            if (drop.isWaiting()) {
                Thread.ofVirtual().name("holt-subtree-drop").start(drop::runInBackground);
            }
        }
        return true;
    }
}
