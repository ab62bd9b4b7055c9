package dev.playground.monitoring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.playground.monitoring.http.FaultyController;
import dev.playground.monitoring.http.RawRequest;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.testkit.RawHttp;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Property;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@MicronautTest
@Property(name = "spec.faulty", value = "true")
@Property(name = "heavy.error-rate", value = "1")
class ResponseTimeFilterTest {
    private static final String HISTOGRAM = "req_response_time_histogram";
    private static final int WRONG_PATHS = 100_000;
    private static final int CONNECTIONS = 2;

    /** Requests sent before the first response is read: few enough for the socket buffers. */
    private static final int PIPELINED = 200;

    @Inject EmbeddedServer server;
    @Inject PrometheusMeterRegistry registry;
    @Inject FaultyController faulty;

    private Map<Map<String, String>, Double> before;

    @BeforeEach
    void remember() {
        before = counts();
    }

    @ParameterizedTest
    @EnumSource
    void countsEachResponseOnce(RawRequest request) throws IOException {
        RawHttp.exchange(server.getPort(), request.text);

        assertThat(newSamples()).isEqualTo(sample(request.method, request.route, request.status));
    }

    @ParameterizedTest
    @CsvSource({
        "/faulty/7, /faulty/{id}, 200",
        "/faulty/throws, /faulty/throws, 500",
        "/faulty/throws-later, /faulty/throws-later, 500"
    })
    void routeIsTemplateAndStatusFinal(String path, String route, int status) throws IOException {
        RawHttp.exchange(server.getPort(), RawHttp.get(path));

        assertThat(newSamples()).isEqualTo(sample("GET", route, status));
    }

    @ParameterizedTest
    @CsvSource({
        // Before the response, and in the middle of a body.
        "/faulty/waits, false, /faulty/waits",
        "/faulty/waits, true, /faulty/waits",
        "/faulty/7, false, /faulty/{id}",
        "/faulty/7, true, /faulty/{id}"
    })
    void clientThatDisconnectsIs499(String path, boolean reset, String route) throws Exception {
        String request = RawHttp.get(path);
        if (!route.equals(path)) {
            String partialBody = "Transfer-Encoding: chunked\r\n\r\n5\r\nab";
            request = request.replace("\r\n\r\n", "\r\n" + partialBody);
        }
        try (var logs = LogCapture.all()) {
            try (var client = new RawHttp(server.getPort())) {
                client.send(request);
                if (reset) {
                    faulty.awaitStart(path);
                    client.reset();
                }
            }

            await().untilAsserted(
                            () -> assertThat(newSamples()).isEqualTo(sample("GET", route, 499)));
            assertThat(logs.events()).noneMatch(e -> e.getLevel().isGreaterOrEqual(Level.WARN));
        }
    }

    @Test
    void wrongPathsShareOneSeries() throws IOException {
        RawHttp.exchange(server.getPort(), RawHttp.get("/no/such/path/0"));
        Set<String> afterOne = series();

        Set<Integer> statuses =
                IntStream.range(0, CONNECTIONS)
                        .parallel()
                        .boxed()
                        .flatMap(connection -> requestWrongPaths(connection).stream())
                        .collect(Collectors.toSet());

        assertThat(statuses).containsExactly(404);
        assertThat(series()).isEqualTo(afterOne);
    }

    /** The statuses of the responses on one connection. */
    private Set<Integer> requestWrongPaths(int connection) {
        Set<Integer> statuses = new HashSet<>();
        try (var client = new RawHttp(server.getPort())) {
            for (int sent = connection; sent < WRONG_PATHS; ) {
                StringBuilder requests = new StringBuilder();
                for (int i = 0; i < PIPELINED; i++, sent += CONNECTIONS) {
                    requests.append(RawHttp.get("/no/such/path/" + sent));
                }
                client.send(requests.toString());
                for (int i = 0; i < PIPELINED; i++) {
                    statuses.add(client.receive().status());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return statuses;
    }

    /** Without jvm_gc_* and loki4j_*, which can appear at any time in this JVM. */
    private Set<String> series() {
        return exposition().samples().stream()
                .filter(sample -> !sample.name().matches("(jvm_gc|loki4j)_.*"))
                .map(sample -> sample.name() + sample.labels())
                .collect(Collectors.toSet());
    }

    @Test
    void bucketsLimitErrorOfQuantileTo10Percent() throws IOException {
        RawHttp.exchange(server.getPort(), RawHttp.get("/"));

        List<Double> bounds =
                exposition().samples(HISTOGRAM + "_bucket").stream()
                        .filter(bucket -> bucket.labels().get("route").equals("/"))
                        .map(bucket -> bucket.labels().get("le").replace("+Inf", "Infinity"))
                        .map(Double::valueOf)
                        .distinct()
                        .toList();

        assertThat(bounds).isSorted().endsWith(10_000.0, Double.POSITIVE_INFINITY);
        assertThat(bounds).contains(100.0, 2750.0);
        for (int i = bounds.indexOf(100.0); i < bounds.indexOf(2750.0); i++) {
            assertThat(bounds.get(i + 1) / bounds.get(i)).isLessThanOrEqualTo(1.1);
        }
    }

    private Exposition exposition() {
        return new Exposition(registry.scrape());
    }

    private Map<Map<String, String>, Double> counts() {
        return exposition().values(HISTOGRAM + "_count");
    }

    private Map<Map<String, String>, Double> newSamples() {
        Map<Map<String, String>, Double> difference = new HashMap<>(counts());
        before.forEach((labels, count) -> difference.merge(labels, -count, Double::sum));
        difference.values().removeIf(count -> count == 0);
        return difference;
    }

    private static Map<Map<String, String>, Double> sample(
            String method, String route, int status) {
        return Map.of(Map.of("method", method, "route", route, "status_code", "" + status), 1.0);
    }
}
