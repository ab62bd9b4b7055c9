package dev.playground.monitoring.testkit;

import com.sun.net.httpserver.HttpServer;
import dev.playground.monitoring.testkit.Exposition.Family;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A program of the stack as Prometheus sees it: answers each scrape with what the real one exports,
 * kept in src/test/resources/exported. Counters grow by their value with each scrape.
 */
public final class ExportedTarget implements AutoCloseable {
    public static final Path FOLDER = Path.of("src/test/resources/exported");

    private final HttpServer server;
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final AtomicInteger scrapes = new AtomicInteger();

    public ExportedTarget(String program) throws IOException {
        export(program);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer("/metrics", this::exposition);
        // Where Prometheus sends alerts to.
        answer("/api/v2/alerts", () -> "");
        server.start();
    }

    /** Adds another file to the exposition. */
    public void export(String file) {
        texts.add(text(file));
    }

    public static String text(String file) {
        return Project.text(FOLDER.resolve(file + ".txt"));
    }

    public String address() {
        return "localhost:" + server.getAddress().getPort();
    }

    private void answer(String path, Supplier<String> text) {
        server.createContext(
                path,
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    byte[] body = text.get().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders()
                            .set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
    }

    private String exposition() {
        int factor = scrapes.incrementAndGet();
        return texts.stream().map(text -> grown(text, factor)).collect(Collectors.joining());
    }

    private static String grown(String text, int factor) {
        Map<String, String> types =
                new Exposition(text)
                        .families().stream().collect(Collectors.toMap(Family::name, Family::type));
        StringBuilder grown = new StringBuilder();
        for (String line : text.split("\n")) {
            String family = line.replaceFirst("(_bucket|_count|_sum)?[{ ].*", "");
            int value = line.lastIndexOf(' ') + 1;
            if (line.startsWith("#") || types.get(family).equals("gauge")) {
                grown.append(line);
            } else {
                grown.append(line, 0, value);
                grown.append(Double.parseDouble(line.substring(value)) * factor);
            }
            grown.append('\n');
        }
        return grown.toString();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
