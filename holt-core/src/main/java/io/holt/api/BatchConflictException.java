package io.holt.api;

import java.util.Arrays;
import java.util.HexFormat;

/** A batch met a state that it rules out. Nothing of it was applied. */
public final class BatchConflictException extends HoltException {

    private static final long serialVersionUID = 1L;
    private static final int SHOWN_BYTES = 32;

    /** What a batch found otherwise than it demands. */
    public enum Kind {
        /** A record has another version than asserted. */
        VERSION,
        /** A key that was asserted to be absent is there. */
        NOT_ABSENT,
        /** A key starts with a prefix that was asserted to be empty. */
        PREFIX_NOT_EMPTY,
        /** A key that is to be renamed is not there. */
        SOURCE_MISSING,
        /** The new key of a rename without force is there. */
        TARGET_EXISTS
    }

    private final Kind kind;
    private final String tree;
    private final byte[] key;

    /** @param key key or prefix that it is about; copied */
    public BatchConflictException(Kind kind, String tree, byte[] key, String found) {
        super("the batch was not applied: " + found + ", key "
                + HexFormat.of().formatHex(key, 0, Math.min(SHOWN_BYTES, key.length))
                + (key.length > SHOWN_BYTES ? ".." : "") + " (hexadecimal) of tree \"" + tree
                + "\"; nothing was changed; read again and decide anew");
        this.kind = kind;
        this.tree = tree;
        this.key = key.clone();
    }

    public Kind kind() {
        return kind;
    }

    /** Name of the tree. */
    public String tree() {
        return tree;
    }

    /** A copy of the key or the prefix. */
    public byte[] key() {
        return Arrays.copyOf(key, key.length);
    }
}
