package io.holt.kstreams.internal;

import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Databases that pass calls on, some of which fail. */
final class FailingTrees {

    /** Is asked before each call to a tree. */
    @FunctionalInterface
    interface Trap {
        /** Throws what the call is to fail with, or returns. */
        void spring(String tree, String method);
    }

    private FailingTrees() {}

    static HoltDb of(HoltDb db, Trap trap) {
        return proxy(HoltDb.class, db, null, trap);
    }

    static StoreDatabases of(StoreDatabases databases, Trap trap) {
        return (directory, options) -> {
            StoreDatabases.Lease lease = databases.open(directory, options);
            HoltDb db = of(lease.db(), trap);
            return new StoreDatabases.Lease() {
                @Override
                public HoltDb db() {
                    return db;
                }

                @Override
                public void close() {
                    lease.close();
                }
            };
        };
    }

    private static <T> T proxy(Class<T> type, T target, String treeName, Trap trap) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (treeName != null) {
                        trap.spring(treeName, method.getName());
                    }
                    try {
                        Object result = method.invoke(target, arguments);
                        return result instanceof HoltTree tree
                                ? proxy(HoltTree.class, tree, tree.name(), trap)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return type.cast(proxy);
    }
}
