package io.holt.kstreams.internal;

import io.holt.kstreams.internal.StoreKind.Family;

/** The names of the trees in a store's database. */
final class StoreTrees {

    /** One {@link CommitRecord}. */
    static final String COMMITS = "commit";

    private StoreTrees() {}

    /** The store's records; in a versioned store the latest version of each key. */
    static String data(StoreLayout layout) {
        return named("data", layout);
    }

    /**
     * The tree that a store has beside that of its data, or null: the keys of a window or session store in order of
     * time, without values; or the versions before the latest ones.
     */
    static String side(StoreLayout layout) {
        if (layout.kind().family() == Family.VERSIONED) {
            return named("history", layout);
        }
        return layout.isTimeIndexed() ? named("times", layout) : null;
    }

    /** The tree whose keys begin with their bucket. */
    static String bucketed(StoreLayout layout) {
        return layout.kind().family() == Family.VERSIONED ? side(layout) : data(layout);
    }

    private static String named(String name, StoreLayout layout) {
        return layout.generation() == 0 ? name : name + '.' + layout.generation();
    }
}
