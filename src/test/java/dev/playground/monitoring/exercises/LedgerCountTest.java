package dev.playground.monitoring.exercises;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.FreePort;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code src/ledger/count} with responses as of Loki. {@code TourE2E} runs it with a real one. */
class LedgerCountTest {
    private HttpServer loki;
    private int status = 200;
    private String lines = "";
    private String query;
    private String tenant;

    @BeforeEach
    void start() throws IOException {
        loki = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        loki.createContext(
                "/loki/api/v1/query_range",
                exchange -> {
                    String encoded = exchange.getRequestURI().getRawQuery();
                    query = URLDecoder.decode(encoded, StandardCharsets.UTF_8);
                    tenant = exchange.getRequestHeaders().getFirst("X-Scope-OrgID");
                    byte[] body = lines.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        loki.start();
    }

    @AfterEach
    void stop() {
        loki.stop(0);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "1 2 3,       0, 'Ledger k3f9a: 3 of 3 lines stored, 0 missing, 0 doubled'",
                "3 1 2,       0, 'Ledger k3f9a: 3 of 3 lines stored, 0 missing, 0 doubled'",
                "2,           1, 'Ledger k3f9a: 1 of 3 lines stored, 2 missing, 0 doubled\nMissing: 1 3'",
                "1 2 2 3 1 1, 1, 'Ledger k3f9a: 3 of 3 lines stored, 0 missing, 2 doubled'",
                "1 1,         1, 'Ledger k3f9a: 1 of 3 lines stored, 2 missing, 1 doubled\nMissing: 2 3'",
                "-,           2, 'count: no line of ledger k3f9a in Loki: either the id is wrong, or no line has arrived yet'",
            })
    void countsStoredMissingAndDoubled(String stored, int exitCode, String output) {
        lines = response(stored == null ? Stream.of() : Stream.of(stored.split(" ")), 3);

        Command.Result result = count("k3f9a", Map.of("LOKI_TENANT", "team a"));

        assertThat(result.output().strip()).isEqualTo(output);
        assertThat(result.exitCode()).isEqualTo(exitCode);
        assertThat(tenant).isEqualTo("team a");
        assertThat(query)
                .startsWith("query={app=\"loki-backend-monitoring\"} |= \"Ledger k3f9a: line \"&");
    }

    @Test
    void namesTheFirstTenMissingLines() {
        lines = response(Stream.of("12"), 12);

        assertThat(count("k3f9a", Map.of()).output())
                .contains("\nMissing: 1 2 3 4 5 6 7 8 9 10 ...");
        assertThat(tenant).isNull();
    }

    @Test
    void errorNamesTheCause() throws IOException {
        status = 401;
        lines = "no org id";
        assertError(
                count("k3f9a", Map.of()),
                "LOKI_URL: http://localhost:\\d+ responds with 401: no org id");
        String closed = "http://localhost:" + FreePort.find();
        assertError(
                count("k3f9a", Map.of("LOKI_URL", closed)),
                "LOKI_URL: no response from " + closed + ": curl: .*");
        assertError(count("K\"} or {a=\"", Map.of()), "ID: invalid value .*: expected the id .*");
        assertError(count("", Map.of()), "ID: invalid value \"\": expected the id .*");
        assertError(count("k3f9a", Map.of("PATH", "/none")), "curl: not found on PATH: install it");
    }

    private static void assertError(Command.Result result, String message) {
        assertThat(result.output().strip()).matches("count: " + message);
        assertThat(result.exitCode()).isEqualTo(2);
    }

    /** Two streams, as the levels of other lines would make. */
    private static String response(Stream<String> numbers, int total) {
        String values =
                numbers.map(n -> "[\"1795\",\"Ledger k3f9a: line %s of %d\"]".formatted(n, total))
                        .collect(Collectors.joining(","));
        return ("{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":["
                        + "{\"stream\":{\"app\":\"a\"},\"values\":[[\"1\",\"x Ledger k3f9a: line 9 of"
                        + " 9\"]]},{\"stream\":{\"app\":\"b\"},\"values\":[%s]}]}}")
                .formatted(values);
    }

    private Command.Result count(String id, Map<String, String> environment) {
        Map<String, String> all =
                new HashMap<>(
                        Map.of("LOKI_URL", "http://localhost:" + loki.getAddress().getPort()));
        all.putAll(environment);
        return Command.run(Project.TOP, all, "", List.of("/bin/bash", "src/ledger/count", id));
    }
}
