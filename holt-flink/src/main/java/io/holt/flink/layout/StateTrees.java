package io.holt.flink.layout;

import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.runtime.state.RegisteredStateMetaInfoBase;

/** The states of a backend by name, in the order in which they were registered. For the task's thread. */
public final class StateTrees {

    private static final String TREE_NAME_PREFIX = "state/";
    private static final String LONG_NAME_PREFIX = "state#";
    private static final int MAX_TREE_NAME_BYTES = 255;

    private final HoltDb db;
    private final Map<String, StateTree> trees = new LinkedHashMap<>();

    public StateTrees(HoltDb db) {
        this.db = db;
    }

    /** The state of this name, or null. */
    public StateTree get(String stateName) {
        return trees.get(stateName);
    }

    public Collection<StateTree> all() {
        return Collections.unmodifiableCollection(trees.values());
    }

    /** Registers a state; its tree is the one the database has, or a new one. */
    public StateTree create(RegisteredStateMetaInfoBase metaInfo) {
        String stateName = metaInfo.getName();
        if (trees.containsKey(stateName)) {
            throw new IllegalStateException("state " + stateName + " has a tree already");
        }
        HoltTree tree = db.tree(treeName(stateName));
        StateTree stateTree = new StateTree(tree, metaInfo);
        trees.put(stateName, stateTree);
        return stateTree;
    }

    /** The name of a state's tree: the state's own, or a digest of it where that is too long for a tree. */
    public static String treeName(String stateName) {
        String treeName = TREE_NAME_PREFIX + stateName;
        byte[] bytes = treeName.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= MAX_TREE_NAME_BYTES) {
            return treeName;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return LONG_NAME_PREFIX + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
