package io.holt.flink;

import java.util.Collection;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.IllegalConfigurationException;

/** Finds misspelt keys, which would otherwise leave an option at its default without a word. */
final class OptionKeys {

    private OptionKeys() {}

    /**
     * Refuses keys with a prefix that are not known.
     *
     * @param set the keys of a configuration, of whatever they are
     * @throws IllegalConfigurationException that names all unknown keys, and for each the known one it is closest to
     */
    static void refuseUnknown(String prefix, Collection<String> set, Collection<String> known) {
        Set<String> unknown = new TreeSet<>(set);
        unknown.removeIf(key -> !key.startsWith(prefix) || known.contains(key));
        if (unknown.isEmpty()) {
            return;
        }
        StringBuilder message = new StringBuilder();
        for (String key : unknown) {
            message.append(message.isEmpty() ? "" : "; ")
                    .append("there is no option ")
                    .append(key)
                    .append(", did you mean ")
                    .append(nearest(key, known))
                    .append('?');
        }
        throw new IllegalConfigurationException(message.toString());
    }

    private static String nearest(String key, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String candidate) -> edits(key, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    /** How many characters have to be put in, left out or replaced to make one key of the other. */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            row[column] = column;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int column = 1; column <= to.length(); column++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(column - 1) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.min(replaced, 1 + Math.min(row[column], row[column - 1]));
            }
        }
        return row[to.length()];
    }
}
