package io.holt.kstreams.internal;

import io.holt.kstreams.internal.StoreKind.Family;
import java.util.Set;

/** The names of the trees in a store's database. */
final class StoreTrees {

    /** One {@link CommitRecord}. */
    static final String COMMITS = "commit";

    private static final String DATA = "data";
    private static final String TIMES = "times";
    private static final String HISTORY = "history";
    private static final Set<String> OF_RECORDS = Set.of(DATA, TIMES, HISTORY);

    private StoreTrees() {}

    /** The store's records; in a versioned store the latest version of each key. */
    static String data(StoreLayout layout) {
        return named(DATA, layout);
    }

    /**
     * The tree that a store has beside that of its data, or null: the keys of a window or session store in order of
     * time, without values; or the versions before the latest ones.
     */
    static String side(StoreLayout layout) {
        if (layout.kind().family() == Family.VERSIONED) {
            return named(HISTORY, layout);
        }
        return layout.isTimeIndexed() ? named(TIMES, layout) : null;
    }

    /** The tree whose keys begin with their bucket. */
    static String bucketed(StoreLayout layout) {
        return layout.kind().family() == Family.VERSIONED ? side(layout) : data(layout);
    }

    /** Whether a tree is that of a store's records, but in another layout. */
    static boolean isOfAnotherLayout(String tree, StoreLayout layout) {
        int dot = tree.indexOf('.');
        String base = dot < 0 ? tree : tree.substring(0, dot);
        return OF_RECORDS.contains(base) && !tree.equals(data(layout)) && !tree.equals(side(layout));
    }

    private static String named(String name, StoreLayout layout) {
        return layout.generation() == 0 ? name : name + '.' + layout.generation();
    }
}
