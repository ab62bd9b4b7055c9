package dev.playground.monitoring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Loki as far as the push of one appender sees it. */
public final class LokiStub implements AutoCloseable {
    private static final int TAKEN = 204;

    private final HttpServer server;
    private final Queue<Integer> refusals;
    private final Queue<String> pushes = new ConcurrentLinkedQueue<>();

    /**
     * @param refusals the status of the first answers; after them every push is taken
     */
    public LokiStub(Integer... refusals) throws IOException {
        this.refusals = new ConcurrentLinkedQueue<>(List.of(refusals));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/loki/api/v1/push", this::answer);
        server.start();
    }

    /** As LOKI_HOST takes it. */
    public String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** The JSON of each push that was taken. */
    public List<String> pushes() {
        return List.copyOf(pushes);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Integer refusal = refusals.poll();
        if (refusal == null) {
            pushes.add(body);
        }
        exchange.sendResponseHeaders(refusal == null ? TAKEN : refusal, -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
