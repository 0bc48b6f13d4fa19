package io.holt.it.flink;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/**
 * What a JobManager tells of itself. It may be too busy to answer; what is not known yet is what no test waits for: no
 * slots, no checkpoints, no tasks.
 */
final class FlinkRest {

    private static final String RUNNING = "RUNNING";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final String address;

    FlinkRest(String host, int port) {
        this.address = "http://" + host + ":" + port;
    }

    /** An answer, or a node without content if there is none. */
    private JsonNode get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(TIMEOUT)
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() / 100 == 2 ? json.readTree(answer.body()) : json.missingNode();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for the JobManager", e);
        } catch (IOException e) {
            return json.missingNode();
        }
    }

    int slots() {
        return get("/overview").path("slots-total").asInt();
    }

    /** How many checkpoints were completed; -1 if that can't be told now. */
    int completedCheckpoints(JobID job) {
        return get("/jobs/" + job + "/checkpoints")
                .path("counts")
                .path("completed")
                .asInt(-1);
    }

    boolean isTakingCheckpoint(JobID job) {
        return get("/jobs/" + job + "/checkpoints")
                        .path("counts")
                        .path("in_progress")
                        .asInt()
                > 0;
    }

    /** Whether all tasks of a job are known and run, but for those of the source that got nothing to read. */
    boolean isRunning(JobID job) {
        JsonNode details = get("/jobs/" + job);
        boolean all = RUNNING.equals(details.path("state").asText())
                && !details.path("vertices").isEmpty();
        for (JsonNode vertex : details.path("vertices")) {
            JsonNode tasks = vertex.path("tasks");
            int running = tasks.path(RUNNING).asInt();
            all &= running > 0
                    && running + tasks.path("FINISHED").asInt()
                            == vertex.path("parallelism").asInt();
        }
        return all;
    }

    /** Whether some task is on its way to running. */
    boolean isRestoring(JobID job) {
        boolean any = false;
        for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
            JsonNode tasks = vertex.path("tasks");
            any |= tasks.path("INITIALIZING").asInt() + tasks.path("DEPLOYING").asInt() > 0;
        }
        return any;
    }

    /** The TaskManagers that have tasks of a job. */
    Set<String> taskManagersOf(JobID job) {
        Set<String> names = new HashSet<>();
        for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
            String of = "/jobs/" + job + "/vertices/" + vertex.path("id").asText();
            for (JsonNode subtask : get(of).path("subtasks")) {
                names.add(subtask.path("taskmanager-id").asText());
            }
        }
        return names;
    }

    /** The sums over subtasks of all metrics of Holt that are numbers, by their names in an operator. */
    TreeMap<String, Double> holtMetrics(JobID job, String operator) {
        String group = operator + ".holt.";
        TreeMap<String, Double> sums = new TreeMap<>();
        for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
            String of = "/jobs/" + job + "/vertices/" + vertex.path("id").asText() + "/subtasks/metrics";
            for (JsonNode metric : get(of)) {
                String id = metric.path("id").asText();
                if (id.startsWith(group) && !id.endsWith("ioEngine")) {
                    for (JsonNode figures : get(of + "?get=" + id)) {
                        sums.put(
                                id.substring(group.length()),
                                figures.path("sum").asDouble());
                    }
                }
            }
        }
        return sums;
    }
}
