package io.holt.it.flink;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    /** No checkpoint. */
    static final long NONE = -1;

    private static final String RUNNING = "RUNNING";

    /** Of a task for which a slot has been found. */
    private static final Set<String> DEPLOYED = Set.of("DEPLOYING", "INITIALIZING", RUNNING, "FINISHED");

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final String address;

    /** A subtask in one of its lives, and how that stood when it was asked for. */
    record Attempt(String vertexId, String vertex, int subtask, int number, String status, String taskManager) {

        /** Whether this is a later life of the same subtask, and has begun. */
        boolean replaces(Attempt other) {
            return vertexId.equals(other.vertexId)
                    && subtask == other.subtask
                    && number > other.number
                    && DEPLOYED.contains(status);
        }
    }

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

    /** All subtasks of a job. */
    List<Attempt> attempts(JobID job) {
        List<Attempt> attempts = new ArrayList<>();
        for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
            String id = vertex.path("id").asText();
            for (JsonNode subtask : get("/jobs/" + job + "/vertices/" + id).path("subtasks")) {
                attempts.add(new Attempt(
                        id,
                        vertex.path("name").asText(),
                        subtask.path("subtask").asInt(),
                        subtask.path("attempt").asInt(),
                        subtask.path("status").asText(),
                        subtask.path("taskmanager-id").asText()));
            }
        }
        return attempts;
    }

    /** Whether an attempt got as far as running, by now or before it ended. */
    boolean hasRun(JobID job, Attempt attempt) {
        JsonNode details = get("/jobs/" + job + "/vertices/" + attempt.vertexId + "/subtasks/" + attempt.subtask
                + "/attempts/" + attempt.number);
        return details.path("status-duration").path(RUNNING).asLong(Long.MAX_VALUE) > 0;
    }

    /** A checkpoint that is being taken, or {@link #NONE}. */
    long checkpointInProgress(JobID job) {
        for (JsonNode checkpoint : get("/jobs/" + job + "/checkpoints").path("history")) {
            if ("IN_PROGRESS".equals(checkpoint.path("status").asText())) {
                return checkpoint.path("id").asLong();
            }
        }
        return NONE;
    }

    /** How a checkpoint stands or has ended; empty if that is not known any more. */
    String checkpointStatus(JobID job, long id) {
        for (JsonNode checkpoint : get("/jobs/" + job + "/checkpoints").path("history")) {
            if (checkpoint.path("id").asLong() == id) {
                return checkpoint.path("status").asText();
            }
        }
        return "";
    }

    /** The newest checkpoint that is complete, or {@link #NONE}. */
    long newestCheckpoint(JobID job) {
        return get("/jobs/" + job + "/checkpoints")
                .path("latest")
                .path("completed")
                .path("id")
                .asLong(NONE);
    }

    /** The checkpoint or savepoint that the job went on from the last time, or {@link #NONE}. */
    long restoredCheckpoint(JobID job) {
        return get("/jobs/" + job + "/checkpoints")
                .path("latest")
                .path("restored")
                .path("id")
                .asLong(NONE);
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
