package io.holt.examples.kstreams;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Answers {@code GET /directory?path=...} with a directory's totals as JSON, from the stores, by threads of its own
 * while those of the application write; on loopback.
 */
final class QueryServer implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;
    private static final String PARAMETER = "path=";

    private final KafkaStreams streams;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    private QueryServer(KafkaStreams streams, HttpServer server) {
        this.streams = streams;
        this.server = server;
    }

    static QueryServer start(KafkaStreams streams) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        QueryServer queries = new QueryServer(streams, server);
        server.createContext("/directory", queries::answer);
        server.setExecutor(queries.threads);
        server.start();
        return queries;
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = exchange.getRequestURI().getRawQuery();
            if (query == null || !query.startsWith(PARAMETER)) {
                respond(exchange, NOT_FOUND, "ask for /directory?path=...");
                return;
            }
            String path = URLDecoder.decode(query.substring(PARAMETER.length()), StandardCharsets.UTF_8);
            try {
                DirectoryTotals totals = directories().get(path);
                if (totals == null) {
                    respond(exchange, NOT_FOUND, "no directory " + path);
                } else {
                    respond(exchange, OK, json(totals));
                }
            } catch (InvalidStateStoreException e) {
                respond(exchange, UNAVAILABLE, "the stores are not open now");
            }
        }
    }

    /** The answer for a directory. */
    static String json(DirectoryTotals totals) {
        return json(totals.files(), totals.bytes());
    }

    static String json(long files, long bytes) {
        return String.format(Locale.ROOT, "{\"files\":%d,\"bytes\":%d}", files, bytes);
    }

    private ReadOnlyKeyValueStore<String, DirectoryTotals> directories() {
        return streams.store(StoreQueryParameters.fromNameAndType(
                MetadataTopology.DIRECTORIES, QueryableStoreTypes.<String, DirectoryTotals>keyValueStore()));
    }

    private static void respond(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Asks a server. */
    static HttpResponse<String> ask(HttpClient client, int port, String directory) throws IOException {
        String path = URLEncoder.encode(directory, StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/directory?" + PARAMETER + path))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
