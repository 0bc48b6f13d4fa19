package io.holt.api;

/** The tree of this handle was dropped. */
public final class TreeDroppedException extends HoltException {

    private static final long serialVersionUID = 1L;

    public TreeDroppedException(String treeName) {
        super("the tree \"" + treeName + "\" was dropped; open it again by its name to have an empty one");
    }
}
