package io.holt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.Holt;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command on databases that were written by the engine. */
class MainTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(64L << 20).build();
    private static final int RECORDS = 6000;

    @TempDir
    private Path temp;

    private Path directory;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void write() {
        directory = temp.resolve("db");
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            for (int i = 0; i < RECORDS; i++) {
                db.tree("paths").put(bytes("dir-" + i % 50 + "/file-" + i), new byte[200]);
            }
            for (int i = 0; i < 30; i++) {
                db.tree("paths").deletePrefix(bytes("dir-" + i + "/file-1"));
            }
            db.tree("odd <&>").put(new byte[] {0, 'k', '\\'}, bytes("v\n"));
            db.tree("odd <&>").put(bytes("large"), new byte[1_200_000]);
        }
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @Test
    void verifyFindsNothingInASoundDatabase() {
        assertThat(run("verify", directory.toString())).as(out.toString()).isZero();
        assertThat(out.toString()).contains("all is well");
        assertThat(err.toString()).contains("[########################################]");
    }

    @Test
    void verifyNamesADamagedPageAndGoesOn() throws IOException {
        long frame = flipInLastFrame();
        assertThat(run("verify", "-q", directory.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("WRONG: ").contains("checksum").contains("1 problems");
        assertThat(frame).isPositive();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aDatabaseInUseOrNoneIsAnErrorOfOneLine() {
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            assertThat(db.isClosed()).isFalse();
            assertThat(run("verify", directory.toString())).isEqualTo(2);
            assertThat(err.toString().lines()).hasSize(1);
        }
        assertThat(run("stats", temp.resolve("none").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("there is no such directory");
        assertThat(run("explode")).isEqualTo(2);
    }

    @Test
    void statsPrintsSizesAndDrawsTheFrames() throws IOException {
        Path svg = temp.resolve("frames.svg");
        assertThat(run("stats", directory.toString(), "--svg", svg.toString())).isZero();
        assertThat(out.toString())
                .contains("tree \"paths\"")
                .contains("fill of frames")
                .contains("depth of frames");
        String drawing = Files.readString(svg, StandardCharsets.UTF_8);
        assertThat(drawing)
                .startsWith("<svg")
                .contains("odd &lt;&amp;&gt;: blob")
                .endsWith("</svg>\n");
        long frames = Holt.verify(directory, (done, all) -> {}).frames().size();
        assertThat(drawing.split("<rect ", -1)).hasSize((int) frames + 1);
    }

    @Test
    void dumpPrintsRecords() {
        assertThat(run("dump", directory.toString(), "--tree", "odd <&>", "--limit", "1"))
                .isZero();
        assertThat(out.toString()).isEqualTo("odd <&>\t\\x00k\\x5C\tv\\x0A" + System.lineSeparator());
        assertThat(run("dump", directory.toString(), "--tree", "paths", "--prefix", "dir-40/", "--keys", "--hex"))
                .isZero();
        assertThat(out.toString().lines())
                .hasSize(RECORDS / 50)
                .allMatch(line -> line.startsWith("paths\t6469722d34302f"));
        assertThat(run("dump", directory.toString(), "--tree", "none")).isEqualTo(2);
    }

    @Test
    void backupAndRestoreGiveTheSameRecords() throws IOException {
        assertThat(run("dump", directory.toString())).isZero();
        String dumped = out.toString();
        Path copy = temp.resolve("copy");
        assertThat(run("backup", directory.toString(), copy.toString()))
                .as(err.toString())
                .isZero();
        assertThat(run("dump", copy.toString())).isZero();
        assertThat(out.toString()).isEqualTo(dumped);
        Path file = temp.resolve("backup.holt");
        assertThat(run("backup", "--file", directory.toString(), file.toString()))
                .isZero();
        assertThat(run("backup", "--file", directory.toString(), file.toString()))
                .isEqualTo(2);
        Path restored = temp.resolve("restored");
        assertThat(run("restore", file.toString(), restored.toString()))
                .as(err.toString())
                .isZero();
        assertThat(run("dump", restored.toString())).isZero();
        assertThat(out.toString()).isEqualTo(dumped);
        assertThat(run("verify", restored.toString())).isZero();
        assertThat(run("restore", file.toString(), restored.toString())).isEqualTo(2);
        Files.write(file, new byte[] {1, 2, 3});
        assertThat(run("restore", file.toString(), temp.resolve("other").toString()))
                .isEqualTo(2);
    }

    @Test
    void benchFillsADatabase() {
        Path bench = temp.resolve("bench");
        assertThat(run("bench", bench.toString(), "--records", "3000", "--threads", "2", "--memory", "64"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("put")
                .contains("get")
                .contains("scan")
                .contains("checkpoint");
        assertThat(run("verify", "-q", bench.toString())).isZero();
        assertThat(out.toString()).contains(" 3000 records");
    }

    @Test
    void benchTakesOnlyANewDirectoryAndNumbersThatCanBe() {
        assertThat(run("bench", directory.toString())).isEqualTo(2);
        assertThat(err.toString()).contains(directory + " is not empty");
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            assertThat(db.treeNames()).doesNotContain("bench");
        }
        Path other = temp.resolve("other");
        for (String option : new String[] {"--records=0", "--threads=0", "--value-bytes=-1"}) {
            assertThat(run("bench", other.toString(), option)).isEqualTo(2);
            assertThat(err.toString()).contains("option " + option.substring(0, option.indexOf('=')));
        }
        assertThat(other).doesNotExist();
    }

    @Test
    void aTargetThatIsThereIsSaidToBe() throws IOException {
        Path file = Files.writeString(temp.resolve("there"), "x");
        assertThat(run("backup", "--file", directory.toString(), file.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains(file + " is there already");
    }

    /** Flips a bit in the last frame of the data file that is in use; answers where. */
    private long flipInLastFrame() throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("holt.data").toFile(), "rw")) {
            for (long at = file.length() - 524_288; at >= 0; at -= 524_288) {
                file.seek(at + 64);
                if (file.readInt() == 0x484C5446) {
                    file.seek(at + 4096 + 20);
                    int before = file.read();
                    file.seek(at + 4096 + 20);
                    file.write(before ^ 1);
                    return at + 4096 + 20;
                }
            }
            return -1;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
