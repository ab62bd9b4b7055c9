package dev.playground.monitoring.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.dashboards.Dashboard;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.PrometheusApi;
import dev.playground.monitoring.testkit.PrometheusProgram;
import dev.playground.monitoring.testkit.PrometheusServer;
import io.micronaut.context.ApplicationContext;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus with the configuration of compose scrapes the real service under traffic. */
class PrometheusIT {
    private static final int CALLS = 800;
    private static final String ROUTE = "/heavy-computation";
    private static final Pattern LATENCY = Pattern.compile("in (\\d+)ms");

    @TempDir static Path folder;

    private static EmbeddedServer service;
    private static PrometheusServer server;
    private static PrometheusApi prometheus;

    /** The response to each request. */
    private static List<HttpResponse<String>> answers;

    @BeforeAll
    static void start() throws Exception {
        PrometheusProgram.prometheus();
        service =
                ApplicationContext.run(
                        EmbeddedServer.class,
                        Map.of("micronaut.server.port", "0", "heavy.seed", "1"));
        server =
                PrometheusServer.start(
                        folder, Map.of("backend:3000", "localhost:" + service.getPort()));
        prometheus = server.api();
        Semaphore places = new Semaphore(50);
        answers =
                // Some at a time: a burst of all would be slower than the latencies drawn.
                IntStream.range(0, CALLS).mapToObj(i -> call(places)).toList().stream()
                        .map(CompletableFuture::join)
                        .toList();
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(
                        () -> scalar("sum(req_response_time_histogram_count{route='%s'})"),
                        n -> n == CALLS);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (service != null) {
            service.close();
        }
    }

    @Test
    void targetIsUpWithLabelsOfContract() {
        List<JsonNode> targets =
                Json.list(
                        prometheus.get("targets?state=active&scrapePool=backend-monitoring"),
                        "activeTargets");

        assertThat(targets).hasSize(1);
        assertThat(Json.string(targets.get(0), "health")).isEqualTo("up");
        assertThat(targets.get(0).get("labels"))
                .isEqualTo(
                        JsonNode.from(Map.of("job", "backend-monitoring", "instance", "backend")));
    }

    @Test
    void p95IsWithinTenPercentOfTheLatencies() {
        double[] latencies = answers.stream().mapToDouble(PrometheusIT::drawn).sorted().toArray();
        double expected = latencies[(int) Math.ceil(0.95 * CALLS) - 1];

        double p95 =
                scalar(
                        "histogram_quantile(0.95, sum by (le)"
                                + " (req_response_time_histogram_bucket{route='%s'}))");

        assertThat(expected).isEqualTo(2500);
        assertThat(p95).isCloseTo(expected, within(expected * 0.1));
        assertThat(Dashboard.panel("service", Dashboard.P95).color(p95)).isEqualTo("green");
    }

    @Test
    void errorRatioEqualsResponsesAndIsAboutOneInEight() {
        double failed = answers.stream().filter(answer -> answer.statusCode() == 500).count();

        double ratio =
                scalar(
                        "sum(req_response_time_histogram_count{route='%s',status_code='500'})"
                                + " / sum(req_response_time_histogram_count{route='%<s'})");

        assertThat(ratio).isEqualTo(failed / CALLS).isCloseTo(0.125, within(0.04));
    }

    @Test
    void exemplarsNameRequestsThatWereSent() {
        Set<String> traceIds =
                answers.stream()
                        .map(answer -> answer.headers().firstValue("traceparent").orElseThrow())
                        .map(traceparent -> traceparent.split("-")[1])
                        .collect(Collectors.toSet());

        assertThat(
                        prometheus.exemplars(
                                "req_response_time_histogram_bucket{route='" + ROUTE + "'}"))
                .isNotEmpty()
                .extracting(exemplar -> Json.string(exemplar, "labels", "trace_id"))
                .isSubsetOf(traceIds);
    }

    private static CompletableFuture<HttpResponse<String>> call(Semaphore places) {
        places.acquireUninterruptibly();
        return Http.getAsync(service.getURI().resolve(ROUTE))
                .whenComplete((answer, problem) -> places.release());
    }

    /** The latency that a request drew, in milliseconds; a failure is returned immediately. */
    private static double drawn(HttpResponse<String> answer) {
        Matcher latency = LATENCY.matcher(answer.body());
        return latency.find() ? Double.parseDouble(latency.group(1)) : 0;
    }

    private static double scalar(String query) {
        return prometheus.scalar(query.formatted(ROUTE));
    }
}
