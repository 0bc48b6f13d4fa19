package io.holt.cli;

import io.holt.api.MemoryBudget;
import io.holt.api.VerifyReport.FrameInfo;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** How full the frames are and how deep they lie, as text and as a drawing with a square for each frame. */
final class FramePicture {

    private static final int CLASSES = 10;
    private static final int BAR_WIDTH = 50;
    private static final int BODY_BYTES = MemoryBudget.FRAME_BYTES - 4096;
    private static final int SQUARE = 12;
    private static final int PER_ROW = 64;
    private static final int LABEL_WIDTH = 80;

    private final List<FrameInfo> frames;

    FramePicture(List<FrameInfo> frames) {
        this.frames = frames;
    }

    private static double fill(FrameInfo frame) {
        return Math.min(1, (double) frame.liveBytes() / BODY_BYTES);
    }

    /** Histograms of fill and depth. */
    String text() {
        int[] byFill = new int[CLASSES];
        TreeMap<Integer, Integer> byDepth = new TreeMap<>();
        for (FrameInfo frame : frames) {
            byFill[Math.min(CLASSES - 1, (int) (fill(frame) * CLASSES))]++;
            byDepth.merge(frame.depth(), 1, Integer::sum);
        }
        StringBuilder text = new StringBuilder("fill of frames\n");
        int most = 1;
        for (int count : byFill) {
            most = Math.max(most, count);
        }
        for (int i = 0; i < CLASSES; i++) {
            String range = String.format("%3d-%3d%%", i * 100 / CLASSES, (i + 1) * 100 / CLASSES);
            text.append(bar(range, byFill[i], most));
        }
        text.append("depth of frames\n");
        int deepest = byDepth.isEmpty() ? 1 : Collections.max(byDepth.values());
        byDepth.forEach((depth, count) -> text.append(bar(String.format("%8d", depth), count, deepest)));
        return text.toString();
    }

    private static String bar(String label, int count, int most) {
        int width = count == 0 ? 0 : Math.max(1, (int) ((long) count * BAR_WIDTH / most));
        return String.format("  %8s %6d %s%n", label, count, "#".repeat(width));
    }

    /** A square for each frame, in rows by depth: the fuller the darker, those of values in another colour. */
    String svg() {
        TreeMap<Integer, List<FrameInfo>> byDepth = new TreeMap<>();
        frames.forEach(frame -> byDepth.computeIfAbsent(frame.depth(), absent -> new java.util.ArrayList<>())
                .add(frame));
        StringBuilder squares = new StringBuilder();
        int y = SQUARE;
        for (var row : byDepth.entrySet()) {
            squares.append(String.format(
                    "<text x=\"4\" y=\"%d\" font-size=\"11\">depth %d: %d</text>%n",
                    y + SQUARE - 2, row.getKey(), row.getValue().size()));
            int column = 0;
            for (FrameInfo frame : row.getValue()) {
                if (column == PER_ROW) {
                    column = 0;
                    y += SQUARE;
                }
                squares.append(square(frame, LABEL_WIDTH + column * SQUARE, y));
                column++;
            }
            y += 2 * SQUARE;
        }
        int width = LABEL_WIDTH + PER_ROW * SQUARE;
        return String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\">%n%s</svg>%n",
                width, y, squares);
    }

    private static String square(FrameInfo frame, int x, int y) {
        int hue = frame.valuePart() ? 30 : 210;
        int lightness = 92 - (int) (fill(frame) * 62);
        return String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"hsl(%d,70%%,%d%%)\">"
                        + "<title>%s: blob %d, %d records, %.0f%% full</title></rect>%n",
                x,
                y,
                SQUARE - 1,
                SQUARE - 1,
                hue,
                lightness,
                escape(frame.tree()),
                frame.blobId(),
                frame.records(),
                fill(frame) * 100);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
