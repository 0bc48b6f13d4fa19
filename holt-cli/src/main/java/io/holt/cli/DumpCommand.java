package io.holt.cli;

import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.Scan;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints records, a line each: tree, key, value, between tabs. */
@Command(
        name = "dump",
        mixinStandardHelpOptions = true,
        description = "Prints records, a line each: tree, key and value between tabs; other bytes than printable ASCII "
                + "as \\xNN.")
final class DumpCommand implements Callable<Integer> {

    @Mixin
    private DatabaseOption database;

    @Option(names = "--tree", paramLabel = "NAME", description = "only this tree; may be given several times")
    private List<String> trees = List.of();

    @Option(names = "--prefix", paramLabel = "TEXT", description = "only keys that begin with this text, in UTF-8")
    private String prefix = "";

    @Option(names = "--limit", paramLabel = "N", description = "at most so many records of a tree")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--hex", description = "keys and values in hexadecimal digits")
    private boolean hex;

    @Option(names = "--keys", description = "no values")
    private boolean keysOnly;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (HoltDb db = database.open()) {
            Set<String> names = db.treeNames();
            for (String name : trees) {
                if (!names.contains(name)) {
                    throw new ParameterException(
                            spec.commandLine(), "there is no tree \"" + name + "\", only " + names);
                }
            }
            names.stream()
                    .filter(name -> trees.isEmpty() || trees.contains(name))
                    .forEach(name -> dump(db, name, out));
        }
        out.flush();
        return 0;
    }

    private void dump(HoltDb db, String name, PrintWriter out) {
        Scan scan = Scan.prefix(prefix.getBytes(StandardCharsets.UTF_8)).limit(limit);
        try (Cursor cursor = db.tree(name).scan(keysOnly ? scan.keysOnly() : scan)) {
            while (cursor.next()) {
                out.print(name + "\t" + text(cursor.key()));
                out.println(keysOnly ? "" : "\t" + text(cursor.value()));
            }
        }
    }

    private String text(byte[] bytes) {
        if (hex) {
            return HexFormat.of().formatHex(bytes);
        }
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            if (b >= ' ' && b < 0x7F && b != '\\') {
                text.append((char) b);
            } else {
                text.append(String.format("\\x%02X", b & 0xFF));
            }
        }
        return text.toString();
    }
}
