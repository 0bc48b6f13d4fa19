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

/** Scans of an engine against those of the model: by cursor, by visitor, by pages. */
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
        if (step.rolled().equals(Program.Rolled.NO)) {
            compareVisit(actual, expected, scan);
        } else if (skipped == 0) {
            comparePages(actual, scan);
        }
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
