package io.holt.flink.layout;

import java.util.Arrays;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;

/**
 * The keys of state trees. Integers are big-endian, so that the byte order of a tree is the order of key groups.
 *
 * <pre>
 *   0           2
 *  +-----------+---------+----------+-----------+----------+-----------------+
 *  | key group |   key   | its      | namespace | its      | value:  nothing |
 *  |           |         | length,  |           | length,  | map:    map key |
 *  |           |         | 1..4     |           | 1..4     | list:   u64 seq |
 *  +-----------+---------+----------+-----------+----------+-----------------+
 *                        (only if key and namespace both vary in length)
 *
 *   timers
 *  +-----------+--------------------------------------------+
 *  | key group | timestamp, sign flipped | key | namespace  |
 *  +-----------+--------------------------------------------+
 * </pre>
 *
 * <p>Invariant K1: no (key, namespace) encodes to a proper prefix of another one's encoding, and no key to a proper
 * prefix of another key's. It follows from a property that each serializer must have: it finds the end of what it
 * wrote by itself, for Flink writes keys, namespaces and elements one after another into streams with no marks
 * between. If one encoding were a proper prefix of another, a stream that starts with the longer one would have to be
 * read as both. So nothing is added to tell parts apart, fixed-length parts cost their own bytes only, and all
 * records of one (key, namespace) are exactly those under its prefix.
 *
 * <p>The two length fields tell nothing new. They are there because Flink's canonical savepoints have them: apart
 * from the key group, which takes one byte there if there are at most 128, and the sequence numbers of lists, a key
 * of a tree is a key of a canonical savepoint byte for byte. Checkpoints and restores copy bytes; they need no
 * serializer.
 */
public final class StateKeyDescriptor {

    public static final int KEY_GROUP_OFFSET = 0;
    public static final int KEY_GROUP_BYTES = 2;
    public static final int KEY_OFFSET = KEY_GROUP_OFFSET + KEY_GROUP_BYTES;

    /** Bytes of the number that orders the leaves of one list. */
    public static final int SEQUENCE_BYTES = Long.BYTES;

    /** The sequence number of a list's first leaf if it was written as a whole; appended ones are larger. */
    public static final long FIRST_SEQUENCE = 0;

    private StateKeyDescriptor() {}

    /** Whether the lengths of key and namespace follow them. */
    public static boolean hasLengths(TypeSerializer<?> keySerializer, TypeSerializer<?> namespaceSerializer) {
        return CompositeKeySerializationUtils.isAmbiguousKeyPossible(keySerializer, namespaceSerializer);
    }

    public static int keyGroup(byte[] key, int keyOffset) {
        return (key[keyOffset] & 0xFF) << 8 | (key[keyOffset + 1] & 0xFF);
    }

    /** The least key group of keys that begin with this prefix, or are greater. */
    public static int firstKeyGroup(byte[] prefix) {
        return keyGroup(Arrays.copyOf(prefix, KEY_GROUP_BYTES), 0);
    }

    /** The greatest key group of keys that begin with this prefix, or are less. */
    public static int lastKeyGroup(byte[] prefix) {
        byte[] padded = Arrays.copyOf(prefix, KEY_GROUP_BYTES);
        Arrays.fill(padded, Math.min(prefix.length, KEY_GROUP_BYTES), KEY_GROUP_BYTES, (byte) 0xFF);
        return keyGroup(padded, 0);
    }

    public static byte[] keyGroupPrefix(int keyGroup) {
        return new byte[] {(byte) (keyGroup >>> 8), (byte) keyGroup};
    }

    /**
     * A tree's key as a key of a canonical savepoint.
     *
     * @param keyEnd where it ends in the array; for a list, before the sequence number
     * @param canonicalKeyGroupBytes 1 or 2
     */
    public static byte[] toCanonical(byte[] key, int keyOffset, int keyEnd, int canonicalKeyGroupBytes) {
        return Arrays.copyOfRange(key, keyOffset + KEY_GROUP_BYTES - canonicalKeyGroupBytes, keyEnd);
    }

    /** A key of a canonical savepoint as a tree's key; of a list without its sequence number. */
    public static byte[] fromCanonical(byte[] canonical, int canonicalKeyGroupBytes) {
        int widening = KEY_GROUP_BYTES - canonicalKeyGroupBytes;
        byte[] key = new byte[widening + canonical.length];
        System.arraycopy(canonical, 0, key, widening, canonical.length);
        return key;
    }

    /** Bytes of the key group in canonical savepoints of a job. */
    public static int canonicalKeyGroupBytes(int numberOfKeyGroups) {
        return CompositeKeySerializationUtils.computeRequiredBytesInKeyGroupPrefix(numberOfKeyGroups);
    }

    /**
     * The smallest key after all keys that start with {@code bytes[0, length)}.
     *
     * @return null if there is none
     */
    public static byte[] successor(byte[] bytes, int length) {
        int last = length - 1;
        while (last >= 0 && bytes[last] == (byte) 0xFF) {
            last--;
        }
        if (last < 0) {
            return null;
        }
        byte[] successor = Arrays.copyOf(bytes, last + 1);
        successor[last]++;
        return successor;
    }

    /** Whether {@code key[keyOffset, keyOffset + keyLength)} starts with {@code prefix[0, prefixLength)}. */
    public static boolean startsWith(byte[] key, int keyOffset, int keyLength, byte[] prefix, int prefixLength) {
        return keyLength >= prefixLength
                && Arrays.equals(key, keyOffset, keyOffset + prefixLength, prefix, 0, prefixLength);
    }
}
