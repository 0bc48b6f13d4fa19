package io.holt.cli;

import io.holt.Holt;
import io.holt.api.DbStats;
import io.holt.api.HoltDb;
import io.holt.api.TreeStats;
import io.holt.api.VerifyReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Sizes of a database and its trees, and how full and how deep their frames are. */
@Command(
        name = "stats",
        mixinStandardHelpOptions = true,
        description = "Prints sizes, and a picture of how full and how deep the frames are.")
final class StatsCommand implements Callable<Integer> {

    @Mixin
    private DatabaseOption database;

    @Option(names = "--svg", paramLabel = "FILE", description = "draws the frames to this file, too")
    private Path svg;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (HoltDb db = database.open()) {
            DbStats stats = db.stats();
            out.printf("data file      %,d bytes on the device%n", stats.fileBytes());
            out.printf("frames         %,d%n", stats.frames());
            out.printf("epoch          %,d%n", stats.epoch());
            out.printf("I/O engine     %s, buffers %s%n", stats.ioEngine(), stats.ioBuffers());
            for (String name : db.treeNames()) {
                print(out, name, db.tree(name).stats());
            }
        }
        VerifyReport report = Holt.verify(database.directory(), (done, all) -> {});
        FramePicture picture = new FramePicture(report.frames());
        out.println();
        out.print(picture.text());
        out.flush();
        if (svg != null) {
            Files.writeString(svg, picture.svg(), StandardCharsets.UTF_8);
        }
        return report.problems().isEmpty() ? 0 : Main.DAMAGED;
    }

    private static void print(PrintWriter out, String name, TreeStats stats) {
        out.printf("tree \"%s\"%n", name);
        out.printf("  records      %,d%n", stats.records());
        out.printf("  frames       %,d and %,d of values%n", stats.frames(), stats.valueFrames());
        out.printf("  live bytes   %,d, dead %,d%n", stats.liveBytes(), stats.deadBytes());
        out.printf("  depth        %d at most, %.2f for a record on average%n", stats.depthMax(), stats.depthMean());
    }
}
