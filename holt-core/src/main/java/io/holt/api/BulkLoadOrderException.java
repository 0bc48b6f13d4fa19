package io.holt.api;

import java.util.HexFormat;

/** A sorted load was given a key that is not beyond the one before it. */
public final class BulkLoadOrderException extends HoltException {

    private static final long serialVersionUID = 1L;
    private static final int SHOWN_BYTES = 64;

    private final byte[] key;
    private final long records;

    /**
     * @param key the offending key; copied
     * @param before the key that came before it
     * @param records how many records the load had taken
     */
    public BulkLoadOrderException(String tree, byte[] key, byte[] before, long records) {
        super("record " + records + " of a sorted load of tree \"" + tree + "\" has key " + show(key)
                + ", which is not beyond the one before it, " + show(before) + " (hexadecimal); this record was not"
                + " taken, those before it were; go on with greater keys, sort the input, or use put");
        this.key = key.clone();
        this.records = records;
    }

    private static String show(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, 0, Math.min(SHOWN_BYTES, bytes.length))
                + (bytes.length > SHOWN_BYTES ? ".." : "");
    }

    /** A copy of the key that was refused. */
    public byte[] key() {
        return key.clone();
    }

    /** Records taken before it. */
    public long records() {
        return records;
    }
}
