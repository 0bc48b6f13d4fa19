package io.holt.examples.flink;

import java.io.Serializable;
import org.apache.flink.api.common.functions.AggregateFunction;

/**
 * How much a directory holds; as an input to {@link Sum}, by how much that changes. Immutable.
 *
 * @param files count of files
 * @param bytes their sizes together
 */
public record DirectoryTotals(long files, long bytes) implements Serializable {

    static final DirectoryTotals ZERO = new DirectoryTotals(0, 0);

    DirectoryTotals plus(DirectoryTotals change) {
        return new DirectoryTotals(files + change.files, bytes + change.bytes);
    }

    /** Adds changes up. */
    static final class Sum implements AggregateFunction<DirectoryTotals, DirectoryTotals, DirectoryTotals> {

        private static final long serialVersionUID = 1L;

        @Override
        public DirectoryTotals createAccumulator() {
            return ZERO;
        }

        @Override
        public DirectoryTotals add(DirectoryTotals change, DirectoryTotals sum) {
            return sum.plus(change);
        }

        @Override
        public DirectoryTotals getResult(DirectoryTotals sum) {
            return sum;
        }

        @Override
        public DirectoryTotals merge(DirectoryTotals a, DirectoryTotals b) {
            return a.plus(b);
        }
    }
}
