package io.holt.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.ResultFile;
import io.holt.benchmarks.harness.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    @TempDir
    private Path results;

    private static ResultRow row(String engine, String operation, double... values) {
        return new ResultRow(engine, "kv", 20_000, operation, 1, Measurement.of(Measurement.CPU, values));
    }

    @Test
    void ratiosAreOfTheMedians() throws IOException {
        List<ResultRow> rows = new ArrayList<>(List.of(
                row("rocksdb", "get", 900, 1_230, 5_000),
                row("holt", "get", 130, 100, 700),
                row("treemap", "get", 65),
                row("rocksdb", "list", 7)));
        ResultFile.write(results.resolve("one.csv"), rows);
        Files.writeString(results.resolve("one.txt"), "command: benchmarks/run --x\nmachine: some\n");
        String text = Report.of(results);
        assertThat(text)
                .contains("## one\n\n- command: `benchmarks/run --x`\n- machine: some\n")
                .contains("### kv, ns/op cpu\n\n| operation | records | threads | holt | rocksdb | treemap |\n")
                .contains("| get | 20,000 | 1 | 130 | 1,230 (9.46) | 65.0 (0.50) |\n")
                .contains("| list | 20,000 | 1 |  | 7.00 |  |\n");

        Collections.reverse(rows);
        ResultFile.write(results.resolve("one.csv"), rows);
        assertThat(Report.of(results)).isEqualTo(text);
    }

    @Test
    void rowsAreReadAsTheyWereWritten() throws IOException {
        Path file = results.resolve("a.csv");
        List<ResultRow> rows = List.of(row("holt", "get", 1.25, 2.5, 3), row("lmdb", "get", 7));
        ResultFile.write(file, rows);
        assertThat(ResultFile.read(file)).isEqualTo(rows);
        assertThat(Files.readAllLines(file)).element(1).isEqualTo("holt,kv,20000,get,1,ns/op cpu,2.50,1.25,3.00");
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path file = Files.writeString(results.resolve("a.csv"), ResultRow.HEADER + "\nholt,kv\n");
        assertThatThrownBy(() -> ResultFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holt,kv");
    }
}
