package io.holt.testkit;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The steps of a random program over one database. */
public final class Program {

    private Program() {}

    /** One step; keys and values are the step's own. */
    public sealed interface Step
            permits Put,
                    PutMany,
                    PutIfAbsent,
                    PutVersioned,
                    CompareAndPut,
                    DeleteIfVersion,
                    Rename,
                    Batch,
                    Delete,
                    GetAndDelete,
                    DeletePrefix,
                    Get,
                    ScanStep,
                    TakeSnapshot,
                    CloseSnapshot,
                    Reopen {}

    /** A byte string that prints itself shortly. */
    public static final class Bytes {

        private final byte[] array;

        public Bytes(byte[] array) {
            this.array = array;
        }

        public byte[] array() {
            return array;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(array);
        }

        @Override
        public String toString() {
            String hex = HexFormat.of().formatHex(array, 0, Math.min(array.length, 24));
            return array.length <= 24 ? hex : hex + "..(" + array.length + " bytes)";
        }
    }

    public record Put(int tree, Bytes key, Bytes value) implements Step {}

    /**
     * Puts a run of numbered keys below a prefix: {@code count} of them, in an order that the seed shuffles, or by a
     * loader.
     */
    public record PutMany(int tree, Bytes prefix, int count, int valueBytes, long seed) implements Step {}

    public record PutIfAbsent(int tree, Bytes key, Bytes value) implements Step {}

    public record PutVersioned(int tree, Bytes key, Bytes value) implements Step {}

    /** Which version a step expects. */
    public enum Expected {
        PRESENT_ONE,
        EARLIER_ONE,
        NONE,
        ABSENCE
    }

    public record CompareAndPut(int tree, Bytes key, Expected expected, Bytes value) implements Step {}

    public record DeleteIfVersion(int tree, Bytes key, Expected expected) implements Step {}

    public record Rename(int tree, Bytes from, Bytes to, boolean force) implements Step {}

    /** Changes and guards of a batch; the same kinds of steps, where a batch has them. */
    public record Batch(List<BatchStep> steps) implements Step {}

    /** What a step of a batch does. */
    public enum BatchVerb {
        PUT,
        PUT_VERSIONED,
        PUT_IF_ABSENT,
        DELETE,
        DELETE_PREFIX,
        RENAME,
        RENAME_BY_FORCE,
        ASSERT_VERSION,
        ASSERT_ABSENT,
        ASSERT_PREFIX_EMPTY
    }

    /** A step of a batch: {@code other} is the value, or the new key. */
    public record BatchStep(BatchVerb verb, int tree, Bytes key, Bytes other) {}

    public record Delete(int tree, Bytes key) implements Step {}

    public record GetAndDelete(int tree, Bytes key) implements Step {}

    public record DeletePrefix(int tree, Bytes prefix) implements Step {}

    public record Get(int tree, Bytes key) implements Step {}

    /** How a scan leaves out records: a delimiter or null, a number of first bytes or 0, the same in skips or 0. */
    public record Rolled(Bytes delimiter, int distinctBytes, int skippedBytes) {

        /** Nothing is left out. */
        public static final Rolled NO = new Rolled(null, 0, 0);
    }

    /** A scan from a key to another one, or of a prefix; either way, with or without values, with a limit. */
    public record ScanStep(
            int tree,
            Bytes prefix,
            Bytes from,
            boolean fromInclusive,
            Bytes to,
            boolean toInclusive,
            boolean reverse,
            int limit,
            Rolled rolled)
            implements Step {}

    public record TakeSnapshot() implements Step {}

    public record CloseSnapshot() implements Step {}

    /** A checkpoint, a close and an open; for databases with files. */
    public record Reopen() implements Step {}
}
