package dev.playground.monitoring.testkit;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A program of the stack as Prometheus sees it: answers each scrape with what the real one exports,
 * as kept in src/test/resources/exported. From scrape to scrape the counters grow, by their value
 * each time.
 */
public final class ExportedTarget implements AutoCloseable {
    public static final Path FOLDER = Path.of("src/test/resources/exported");

    private static final int OK = 200;

    private final HttpServer server;
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final AtomicInteger scrapes = new AtomicInteger();

    /**
     * @param program of which the exposition is
     */
    public ExportedTarget(String program) throws IOException {
        export(program);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer("/metrics", scrape -> exposition());
        // Where Prometheus sends alerts to.
        answer("/api/v2/alerts", alert -> "");
        server.start();
    }

    /** Shows what another file has, too. */
    public void export(String file) {
        texts.add(text(file));
    }

    public static String text(String file) {
        return Project.text(FOLDER.resolve(file + ".txt"));
    }

    public String address() {
        return "localhost:" + server.getAddress().getPort();
    }

    private void answer(String path, Function<String, String> body) {
        server.createContext(
                path,
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    byte[] bytes = body.apply(path).getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders()
                            .set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                    exchange.sendResponseHeaders(OK, bytes.length == 0 ? -1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
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
                        .families().stream()
                                .collect(
                                        Collectors.toMap(
                                                Exposition.Family::name, Exposition.Family::type));
        return text.lines()
                .map(
                        line -> {
                            String family = line.replaceFirst("(_bucket|_count|_sum)?[{ ].*", "");
                            int value = line.lastIndexOf(' ') + 1;
                            return line.startsWith("#") || types.get(family).equals("gauge")
                                    ? line
                                    : line.substring(0, value)
                                            + Double.parseDouble(line.substring(value)) * factor;
                        })
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
