package io.holt.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.BatchConflictException;
import io.holt.api.BatchConflictException.Kind;
import io.holt.api.BulkLoader;
import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import io.holt.api.RenameResult;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import io.holt.api.WriteBatch;
import io.holt.testkit.Program.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Runs a program on a database and on a model and demands the same answers, of snapshots too. */
public final class ProgramRunner {

    private record Pair(Snapshot actual, Snapshot expected) {}

    private final HoltDb model;
    private final UnaryOperator<HoltDb> reopen;
    private final Deque<Pair> snapshots = new ArrayDeque<>();
    private final VersionPairs versions = new VersionPairs();
    private HoltDb db;

    /** For a database that can't be reopened: those steps do nothing. */
    public ProgramRunner(HoltDb db, HoltDb model) {
        this(db, model, UnaryOperator.identity());
    }

    /** With what closes a database and opens it again. */
    public ProgramRunner(HoltDb db, HoltDb model, UnaryOperator<HoltDb> reopen) {
        this.db = db;
        this.model = model;
        this.reopen = reopen;
    }

    /** Runs all steps, then compares everything there is; answers the database, which a step may have reopened. */
    public HoltDb run(List<Program.Step> program) {
        for (Program.Step step : program) {
            runStep(step);
        }
        while (!snapshots.isEmpty()) {
            closeSnapshot();
        }
        for (int tree = 0; tree < 2; tree++) {
            compareAll(actual(tree), expected(tree));
            assertThat(actual(tree).stats().records()).isEqualTo(count(expected(tree)));
        }
        return db;
    }

    private void runStep(Program.Step step) {
        switch (step) {
            case Program.Put put -> put(put);
            case Program.PutMany many -> putMany(many);
            case Program.PutIfAbsent put ->
                assertThat(actual(put.tree())
                                .putIfAbsent(put.key().array(), put.value().array()))
                        .isEqualTo(expected(put.tree())
                                .putIfAbsent(put.key().array(), put.value().array()));
            case Program.PutVersioned put -> {
                long version = expected(put.tree())
                        .putVersioned(put.key().array(), put.value().array());
                versions.given(
                        version,
                        actual(put.tree())
                                .putVersioned(put.key().array(), put.value().array()));
            }
            case Program.CompareAndPut put -> compareAndPut(put);
            case Program.DeleteIfVersion delete -> {
                long version = expectedVersion(delete.tree(), delete.key().array(), delete.expected());
                assertThat(actual(delete.tree()).deleteIfVersion(delete.key().array(), versions.actual(version)))
                        .isEqualTo(expected(delete.tree())
                                .deleteIfVersion(delete.key().array(), version));
            }
            case Program.Rename rename -> rename(rename);
            case Program.Batch batch -> runBatch(batch);
            case Program.Delete delete ->
                assertThat(actual(delete.tree()).delete(delete.key().array()))
                        .isEqualTo(expected(delete.tree()).delete(delete.key().array()));
            case Program.GetAndDelete delete ->
                assertThat(actual(delete.tree()).getAndDelete(delete.key().array()))
                        .isEqualTo(expected(delete.tree())
                                .getAndDelete(delete.key().array()));
            case Program.DeletePrefix delete ->
                assertThat(actual(delete.tree()).deletePrefix(delete.prefix().array()))
                        .isEqualTo(expected(delete.tree())
                                .deletePrefix(delete.prefix().array()));
            case Program.Get get ->
                compareGet(actual(get.tree()), expected(get.tree()), get.key().array());
            case Program.ScanStep scan -> scan(scan);
            case Program.TakeSnapshot() -> {
                actual(0);
                actual(1);
                expected(0);
                expected(1);
                snapshots.add(new Pair(db.snapshot(), model.snapshot()));
            }
            case Program.CloseSnapshot() -> closeSnapshot();
            case Program.Reopen() -> {
                while (!snapshots.isEmpty()) {
                    closeSnapshot();
                }
                db = reopen.apply(db);
            }
        }
    }

    private void put(Program.Put put) {
        byte[] key = put.key().array();
        byte[] value = put.value().array();
        if (value.length % 4 == 0) {
            SegmentAccess.put(actual(put.tree()), key, value);
        } else {
            actual(put.tree()).put(key, value);
        }
        expected(put.tree()).put(key, value);
    }

    private void rename(Program.Rename rename) {
        byte[] from = rename.from().array();
        byte[] to = rename.to().array();
        RenameResult result = expected(rename.tree()).rename(from, to, rename.force());
        assertThat(actual(rename.tree()).rename(from, to, rename.force())).isEqualTo(result);
        if (result == RenameResult.RENAMED) {
            versions.maybeGiven(
                    expected(rename.tree()).version(to), actual(rename.tree()).version(to));
        }
    }

    private void scan(Program.ScanStep scan) {
        ScanChecks.compare(actual(scan.tree()), expected(scan.tree()), scan);
        if (!snapshots.isEmpty()) {
            Pair oldest = snapshots.peek();
            String name = expected(scan.tree()).name();
            ScanChecks.compare(oldest.actual().tree(name), oldest.expected().tree(name), scan);
        }
    }

    private void compareAndPut(Program.CompareAndPut put) {
        byte[] key = put.key().array();
        long version = expectedVersion(put.tree(), key, put.expected());
        long wanted =
                expected(put.tree()).compareAndPut(key, version, put.value().array());
        long got = actual(put.tree())
                .compareAndPut(key, versions.actual(version), put.value().array());
        if (wanted == TreeView.NO_VERSION) {
            assertThat(got).isEqualTo(TreeView.NO_VERSION);
        } else {
            versions.given(wanted, got);
        }
    }

    /** In the model's numbers. */
    private long expectedVersion(int tree, byte[] key, Program.Expected expected) {
        return switch (expected) {
            case PRESENT_ONE -> expected(tree).version(key);
            case EARLIER_ONE -> versions.any(Arrays.hashCode(key));
            case NONE -> TreeView.NO_VERSION;
            case ABSENCE -> TreeView.ABSENT;
        };
    }

    private void runBatch(Program.Batch batch) {
        WriteBatch wanted = model.newBatch();
        WriteBatch got = db.newBatch();
        for (Program.BatchStep step : batch.steps()) {
            long version = expected(step.tree()).version(step.key().array());
            long guard = step.other().array().length % 4 == 0 ? versions.any(version) : version;
            addTo(wanted, step, expected(step.tree()), guard);
            addTo(got, step, actual(step.tree()), versions.actual(guard));
        }
        BatchConflictException conflict = null;
        long version = TreeView.NO_VERSION;
        try {
            version = wanted.commit();
        } catch (BatchConflictException e) {
            conflict = e;
        }
        if (conflict != null) {
            Kind kind = conflict.kind();
            assertThatThrownBy(got::commit)
                    .isInstanceOfSatisfying(
                            BatchConflictException.class,
                            e -> assertThat(e.kind()).isEqualTo(kind));
            return;
        }
        versions.maybeGiven(version, got.commit());
        // What was renamed may have got the batch's version too.
        for (Program.BatchStep step : batch.steps()) {
            byte[] key = step.other().array();
            if (step.verb().name().startsWith("RENAME") && expected(step.tree()).version(key) > 0) {
                versions.maybeGiven(
                        expected(step.tree()).version(key), actual(step.tree()).version(key));
            }
        }
    }

    private static void addTo(WriteBatch batch, Program.BatchStep step, HoltTree tree, long version) {
        byte[] key = step.key().array();
        byte[] other = step.other().array();
        switch (step.verb()) {
            case PUT -> batch.put(tree, key, other);
            case PUT_VERSIONED -> batch.putVersioned(tree, key, other);
            case PUT_IF_ABSENT -> batch.putIfAbsent(tree, key, other);
            case DELETE -> batch.delete(tree, key);
            case DELETE_PREFIX -> batch.deletePrefix(tree, key);
            case RENAME -> batch.rename(tree, key, other, false);
            case RENAME_BY_FORCE -> batch.rename(tree, key, other, true);
            case ASSERT_VERSION -> batch.assertVersion(tree, key, version);
            case ASSERT_ABSENT -> batch.assertAbsent(tree, key);
            case ASSERT_PREFIX_EMPTY -> batch.assertPrefixEmpty(tree, key);
        }
    }

    private void putMany(Program.PutMany many) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < many.count(); i++) {
            numbers.add(i);
        }
        if (many.seed() % 2 == 0) {
            Collections.shuffle(numbers, new Random(many.seed()));
        }
        byte[] prefix = many.prefix().array();
        if (prefix.length > TreeView.MAX_KEY_BYTES - 5) {
            return;
        }
        BulkLoader loader = many.seed() % 4 == 1 ? actual(many.tree()).bulkLoad() : null;
        boolean isTogether = many.seed() % 4 == 2;
        boolean isIfAbsent = many.seed() % 8 == 3;
        byte[][] keys = new byte[numbers.size()][];
        byte[][] values = new byte[numbers.size()][];
        for (int i = 0; i < keys.length; i++) {
            int number = numbers.get(i);
            keys[i] = numbered(prefix, number);
            // Some of those that are written together are removed: some of these were there before, others were not.
            if (!isTogether || number % 5 != 0) {
                values[i] = new byte[many.valueBytes()];
                Arrays.fill(values[i], (byte) number);
            }
            if (loader != null) {
                loader.put(keys[i], values[i]);
            } else if (!isTogether && !isIfAbsent) {
                actual(many.tree()).put(keys[i], values[i]);
            }
        }
        if (isIfAbsent) {
            boolean[] written = new boolean[keys.length];
            boolean[] wanted = new boolean[keys.length];
            assertThat(actual(many.tree()).putAllIfAbsent(keys, values, written))
                    .isEqualTo(expected(many.tree()).putAllIfAbsent(keys, values, wanted));
            assertThat(written).isEqualTo(wanted);
            return;
        }
        expected(many.tree()).putMany(keys, values, keys.length);
        if (isTogether) {
            actual(many.tree()).putMany(keys, values, keys.length);
        }
        if (loader != null) {
            assertThat(loader.records()).isEqualTo(many.count());
            loader.close();
        }
    }

    private static byte[] numbered(byte[] prefix, int number) {
        byte[] suffix = String.format("%05d", number).getBytes(StandardCharsets.US_ASCII);
        byte[] key = Arrays.copyOf(prefix, prefix.length + suffix.length);
        System.arraycopy(suffix, 0, key, prefix.length, suffix.length);
        return key;
    }

    private void closeSnapshot() {
        if (snapshots.isEmpty()) {
            return;
        }
        Pair pair = snapshots.poll();
        for (String name : pair.expected().treeNames()) {
            compareAll(pair.actual().tree(name), pair.expected().tree(name));
        }
        pair.actual().close();
        pair.expected().close();
    }

    private void compareAll(TreeView actual, TreeView expected) {
        for (boolean reverse : new boolean[] {false, true}) {
            ScanChecks.compare(
                    actual,
                    expected,
                    new Program.ScanStep(
                            0, null, null, true, null, true, reverse, Integer.MAX_VALUE, Program.Rolled.NO));
        }
        List<byte[]> keys = new ArrayList<>();
        try (Cursor cursor = expected.scan(Scan.all())) {
            while (cursor.next()) {
                compareGet(actual, expected, cursor.key());
                keys.add(cursor.key());
                if (keys.size() == 37) {
                    ManyChecks.compareGets(actual, expected, keys);
                    ManyChecks.comparePrefixes(actual, expected, keys);
                    keys.clear();
                }
            }
        }
        ManyChecks.compareGets(actual, expected, keys);
        ManyChecks.comparePrefixes(actual, expected, keys);
    }

    private void compareGet(TreeView actual, TreeView expected, byte[] key) {
        assertThat(actual.version(key))
                .as("version of %s", new Bytes(key))
                .isEqualTo(versions.actual(expected.version(key)));
        byte[] wanted = expected.get(key);
        byte[] got = actual.get(key);
        if (!Arrays.equals(wanted, got)) {
            assertThat(got).as("value of %s", new Bytes(key)).isEqualTo(wanted);
        }
        byte[] buffer = new byte[100];
        int length = actual.get(key, 0, key.length, buffer, 0);
        assertThat(length).isEqualTo(wanted == null ? TreeView.ABSENT : wanted.length);
        if (wanted != null && length <= buffer.length) {
            assertThat(Arrays.equals(buffer, 0, length, wanted, 0, length)).isTrue();
        }
        SegmentAccess.compare(actual, key, wanted);
        assertThat(actual.containsKey(key)).isEqualTo(wanted != null);
        assertThat(actual.longestPrefix(key)).isEqualTo(expected.longestPrefix(key));
    }

    private static long count(HoltTree tree) {
        return tree.prefixCount(new byte[0], Long.MAX_VALUE);
    }

    private HoltTree actual(int tree) {
        return db.tree("tree-" + tree);
    }

    private HoltTree expected(int tree) {
        return model.tree("tree-" + tree);
    }
}
