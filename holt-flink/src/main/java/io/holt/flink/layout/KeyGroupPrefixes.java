package io.holt.flink.layout;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.state.KeyGroupRange;

/** Ranges of key groups as prefixes of keys: as few as there can be. */
public final class KeyGroupPrefixes {

    private static final int GROUPS_OF_A_BYTE = 256;

    private KeyGroupPrefixes() {}

    /** The prefixes of all keys whose key groups are in {@code all} and not in {@code wanted}. */
    public static List<byte[]> outside(KeyGroupRange wanted, KeyGroupRange all) {
        List<byte[]> prefixes = new ArrayList<>();
        add(all.getStartKeyGroup(), Math.min(all.getEndKeyGroup(), wanted.getStartKeyGroup() - 1), prefixes);
        add(Math.max(all.getStartKeyGroup(), wanted.getEndKeyGroup() + 1), all.getEndKeyGroup(), prefixes);
        return prefixes;
    }

    /** Adds the prefixes of all key groups from the first to the last one. */
    private static void add(int first, int last, List<byte[]> prefixes) {
        int keyGroup = first;
        while (keyGroup <= last) {
            if (keyGroup % GROUPS_OF_A_BYTE == 0 && keyGroup + GROUPS_OF_A_BYTE - 1 <= last) {
                prefixes.add(new byte[] {(byte) (keyGroup / GROUPS_OF_A_BYTE)});
                keyGroup += GROUPS_OF_A_BYTE;
            } else {
                prefixes.add(StateKeyDescriptor.keyGroupPrefix(keyGroup));
                keyGroup++;
            }
        }
    }
}
