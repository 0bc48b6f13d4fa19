package io.holt.flink.state;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.util.FlinkRuntimeException;

/** The walks of {@link KeyScan} as streams. Closing a stream closes its cursors. */
public final class KeyStreams {

    private KeyStreams() {}

    public static <K> Stream<K> keys(KeyScan<K, ?> scan) {
        return stream(() -> scan.next() ? scan.key() : null).onClose(scan::close);
    }

    public static <K, N> Stream<Tuple2<K, N>> keysAndNamespaces(KeyScan<K, N> scan) {
        return stream(() -> scan.next() ? Tuple2.of(scan.key(), scan.namespace()) : null)
                .onClose(scan::close);
    }

    /** The keys of several states, each once. */
    public static <K> Stream<K> union(List<KeyScan<K, ?>> scans) {
        Union<K> union = new Union<>(scans);
        return stream(union::next).onClose(() -> scans.forEach(KeyScan::close));
    }

    private static <T> Stream<T> stream(Source<T> source) {
        int characteristics = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(
                new Spliterators.AbstractSpliterator<T>(Long.MAX_VALUE, characteristics) {
                    @Override
                    public boolean tryAdvance(Consumer<? super T> action) {
                        T next = nextOf(source);
                        if (next != null) {
                            action.accept(next);
                        }
                        return next != null;
                    }
                },
                false);
    }

    private static <T> T nextOf(Source<T> source) {
        try {
            return source.next();
        } catch (IOException e) {
            throw new FlinkRuntimeException("a key or namespace of a state can't be deserialized", e);
        }
    }

    /** Answers null at its end. */
    private interface Source<T> {
        T next() throws IOException;
    }

    /** Merges walks that are in the same order. */
    private static final class Union<K> {
        private final List<KeyScan<K, ?>> unread;
        private final List<KeyScan<K, ?>> waiting = new ArrayList<>();

        Union(List<KeyScan<K, ?>> scans) {
            this.unread = new ArrayList<>(scans);
        }

        K next() throws IOException {
            for (KeyScan<K, ?> scan : unread) {
                if (scan.next()) {
                    waiting.add(scan);
                }
            }
            unread.clear();
            KeyScan<K, ?> least = null;
            for (KeyScan<K, ?> scan : waiting) {
                if (least == null || scan.compareKey(least) < 0) {
                    least = scan;
                }
            }
            if (least == null) {
                return null;
            }
            for (Iterator<KeyScan<K, ?>> scans = waiting.iterator(); scans.hasNext(); ) {
                KeyScan<K, ?> scan = scans.next();
                if (scan.compareKey(least) == 0) {
                    unread.add(scan);
                    scans.remove();
                }
            }
            return least.key();
        }
    }
}
