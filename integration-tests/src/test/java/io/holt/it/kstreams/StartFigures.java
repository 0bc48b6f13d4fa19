package io.holt.it.kstreams;

import io.holt.it.kstreams.ApplicationProcess.Start;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How long starts after kills took and what they restored, for people to read: no verdict hangs on it. */
final class StartFigures {

    private final List<Start> starts = new ArrayList<>();

    void add(Start start) {
        starts.add(start);
    }

    @Override
    public String toString() {
        if (starts.isEmpty()) {
            return "no start";
        }
        double[] seconds = starts.stream().mapToDouble(Start::seconds).sorted().toArray();
        long[] restored = starts.stream().mapToLong(Start::restored).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%d starts, seconds to RUNNING %.1f median, %.1f most; records restored %d median, %d most, %d in all",
                starts.size(),
                seconds[seconds.length / 2],
                seconds[seconds.length - 1],
                restored[restored.length / 2],
                restored[restored.length - 1],
                Arrays.stream(restored).sum());
    }
}
