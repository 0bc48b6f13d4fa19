package io.holt.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Cursor;
import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.testkit.Program.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Scans of an engine against those of the model: by cursor with and without seeks, by visitor, by pages; counts. */
final class ScanChecks {

    private ScanChecks() {}

    /** Demands the same of both, step by step. */
    static void compare(TreeView actual, TreeView expected, Program.ScanStep step) {
        Scan scan = scanOf(step);
        int skipped = step.rolled().skippedBytes();
        try (Cursor got = actual.scan(scan);
                Cursor wanted = expected.scan(scan)) {
            while (wanted.next()) {
                assertThat(got.next())
                        .as("record %s of %s", new Bytes(wanted.key()), step)
                        .isTrue();
                if (!Arrays.equals(got.key(), wanted.key()) || !Arrays.equals(got.value(), wanted.value())) {
                    assertThat(new Bytes(got.key())).as("%s", step).isEqualTo(new Bytes(wanted.key()));
                    assertThat(new Bytes(got.value())).as("%s", step).isEqualTo(new Bytes(wanted.value()));
                }
                assertThat(got.isCommonPrefix()).isEqualTo(wanted.isCommonPrefix());
                if (skipped > 0 && wanted.keyLength() >= skipped) {
                    got.skipPrefix(skipped);
                    wanted.skipPrefix(skipped);
                }
            }
            assertThat(got.next()).as("end of %s", step).isFalse();
        }
        compareCounts(actual, expected, step);
        if (step.rolled().equals(Program.Rolled.NO)) {
            compareVisit(actual, expected, scan);
            compareSeeks(actual, expected, scan);
        } else if (skipped == 0) {
            comparePages(actual, scan);
        }
    }

    /** How many records there are below some prefixes, up to some limits. */
    private static void compareCounts(TreeView actual, TreeView expected, Program.ScanStep step) {
        List<byte[]> prefixes = new ArrayList<>();
        prefixes.add(new byte[0]);
        for (Bytes bytes : Arrays.asList(step.prefix(), step.from(), step.to())) {
            if (bytes != null) {
                prefixes.add(bytes.array());
                prefixes.add(Arrays.copyOf(bytes.array(), bytes.array().length / 2));
            }
        }
        for (byte[] prefix : prefixes) {
            assertThat(actual.isPrefixEmpty(prefix))
                    .as("%s", new Bytes(prefix))
                    .isEqualTo(expected.isPrefixEmpty(prefix));
            for (long limit : new long[] {1, 2, 7, 100, Long.MAX_VALUE}) {
                assertThat(actual.prefixCount(prefix, limit))
                        .as("%s up to %d", new Bytes(prefix), limit)
                        .isEqualTo(expected.prefixCount(prefix, limit));
            }
        }
    }

    /** Seeks forth and back, to keys that are there, to others near them and beyond the scan's bounds; then steps. */
    private static void compareSeeks(TreeView actual, TreeView expected, Scan scan) {
        List<byte[]> keys = new ArrayList<>();
        expected.visit(
                scan.keysOnly().limit(500),
                (array, offset, bytes, v, vo, vb) -> keys.add(Arrays.copyOfRange(array, offset, offset + bytes)));
        keys.add(new byte[0]);
        keys.add(new byte[] {-1, -1});
        Random random = new Random(keys.size());
        for (Scan sought : List.of(scan, scan.keysOnly())) {
            try (Cursor got = actual.scan(sought);
                    Cursor wanted = expected.scan(sought)) {
                for (int i = 0; i < 20; i++) {
                    byte[] key = near(keys.get(random.nextInt(keys.size())), random);
                    got.seek(key);
                    wanted.seek(key);
                    for (int steps = random.nextInt(5); steps >= 0; steps--) {
                        boolean found = wanted.next();
                        assertThat(got.next()).as("after %s", new Bytes(key)).isEqualTo(found);
                        if (found) {
                            assertThat(got.key()).isEqualTo(wanted.key());
                            assertThat(sought.isKeysOnly() || Arrays.equals(got.value(), wanted.value()))
                                    .isTrue();
                        }
                    }
                }
            }
        }
    }

    private static byte[] near(byte[] key, Random random) {
        byte[] near = Arrays.copyOf(key, Math.max(0, key.length - 1 + random.nextInt(3)));
        if (near.length > 0 && random.nextInt(3) == 0) {
            near[near.length - 1] += (byte) (random.nextInt(3) - 1);
        }
        return near;
    }

    private static void compareVisit(TreeView actual, TreeView expected, Scan scan) {
        for (Scan visited : List.of(scan, scan.keysOnly())) {
            List<Bytes> got = new ArrayList<>();
            List<Bytes> wanted = new ArrayList<>();
            long count = expected.visit(visited, collector(wanted));
            assertThat(actual.visit(visited, collector(got))).isEqualTo(count);
            assertThat(got).isEqualTo(wanted);
        }
        assertThat(actual.visit(scan, (k, ko, kb, v, vo, vb) -> false))
                .isEqualTo(Math.min(1, expected.visit(scan, (k, ko, kb, v, vo, vb) -> false)));
    }

    private static RecordVisitor collector(List<Bytes> target) {
        return (keys, keyOffset, keyBytes, values, valueOffset, valueBytes) -> {
            target.add(new Bytes(Arrays.copyOfRange(keys, keyOffset, keyOffset + keyBytes)));
            target.add(new Bytes(Arrays.copyOfRange(values, valueOffset, valueOffset + valueBytes)));
            return true;
        };
    }

    /** Pages of two entries, each going on behind the last one of the page before, are the whole listing. */
    private static void comparePages(TreeView actual, Scan scan) {
        List<Bytes> whole = new ArrayList<>();
        try (Cursor cursor = actual.scan(scan.limit(40))) {
            while (cursor.next()) {
                whole.add(new Bytes(cursor.key()));
            }
        }
        List<Bytes> paged = new ArrayList<>();
        Scan page = scan.limit(2);
        for (int before = -1; before < paged.size() && paged.size() < whole.size(); ) {
            before = paged.size();
            try (Cursor cursor = actual.scan(page)) {
                while (cursor.next()) {
                    paged.add(new Bytes(cursor.key()));
                }
            }
            if (!paged.isEmpty()) {
                page = page.startAfter(paged.getLast().array());
            }
        }
        assertThat(paged.subList(0, Math.min(paged.size(), whole.size()))).isEqualTo(whole);
    }

    private static Scan scanOf(Program.ScanStep step) {
        Scan scan =
                step.prefix() == null ? Scan.all() : Scan.prefix(step.prefix().array());
        if (step.from() != null) {
            scan = scan.from(step.from().array(), step.fromInclusive());
        }
        if (step.to() != null) {
            scan = scan.to(step.to().array(), step.toInclusive());
        }
        if (step.limit() != Integer.MAX_VALUE) {
            scan = scan.limit(step.limit());
        }
        if (step.rolled().delimiter() != null) {
            scan = scan.rollUp(step.rolled().delimiter().array());
        }
        if (step.rolled().distinctBytes() > 0) {
            scan = scan.distinct(step.rolled().distinctBytes());
        }
        return step.reverse() ? scan.reversed() : scan;
    }
}
