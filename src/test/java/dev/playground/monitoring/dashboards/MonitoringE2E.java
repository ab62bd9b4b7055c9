package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.compose.ComposeStack;
import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.testkit.ExportedTarget;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.PrometheusApi;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole stack by Docker Compose under traffic: every panel has data, by the real programs and
 * through Grafana, and an alert comes and goes.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public class MonitoringE2E {
    /**
     * The alert takes two minutes to fire, and one to end; the rest is for a machine that is busy.
     */
    private static final Duration ALERT_LIMIT = Duration.ofMinutes(6);

    private static final String ALERT = "ErrorRatioHigh";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static ComposeStack stack;
    private static PrometheusApi prometheus;
    private static String loki;
    private static ScheduledExecutorService traffic;

    /** Of the container that answers now: another port after each start. */
    private static volatile String backend;

    static Stream<Query> promQl() {
        return Dashboard.queries("prometheus")
                .filter(q -> !q.panel().isEmptyWhenHealthy())
                // Of files, which Promtail tails on Kubernetes alone.
                .filter(q -> !q.expr().contains("promtail_file_bytes_total"));
    }

    static Stream<Query> logQl() {
        return Dashboard.queries("loki");
    }

    static Stream<Query> queries() {
        return Stream.concat(promQl(), logQl());
    }

    @BeforeAll
    static void start() {
        stack = ComposeStack.start();
        prometheus = new PrometheusApi(stack.url("prom-server", 9090));
        loki = stack.url("loki", 3100);
        backend = stack.url("backend", 3000);
        traffic = Executors.newSingleThreadScheduledExecutor();
        traffic.scheduleAtFixedRate(MonitoringE2E::call, 0, 200, TimeUnit.MILLISECONDS);
    }

    private static void call() {
        Http.getAsync(URI.create(backend + "/"));
        Http.getAsync(URI.create(backend + "/heavy-computation"));
    }

    @AfterAll
    static void stop() {
        if (traffic != null) {
            traffic.shutdownNow();
        }
        if (stack != null) {
            stack.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"backend", "prom-server", "alertmanager", "loki", "promtail", "grafana"})
    @Order(1)
    void prometheusScrapes(String service) {
        stack.assume(service);

        prometheus.expectData("target", "up{instance=\"" + service + "\"} == 1");
    }

    @ParameterizedTest
    @CsvSource({
        "loki, 3100, loki",
        "promtail, 9080, promtail",
        "alertmanager, 9093, alertmanager",
        "prom-server, 9090, prometheus",
        "grafana, 3000, grafana"
    })
    @Order(2)
    void theProgramExportsWhatTheOtherTestsTakeItToExport(String service, int port, String file) {
        stack.assume(service);
        Exposition kept = new Exposition(ExportedTarget.text(file));
        URI metrics = URI.create(stack.url(service, port) + "/metrics");

        await().atMost(PrometheusApi.LIMIT)
                .untilAsserted(
                        () -> {
                            Exposition real = new Exposition(Http.get(metrics).body());
                            assertThat(real.families()).containsAll(kept.families());
                            assertThat(labels(real)).containsAllEntriesOf(labels(kept));
                        });
    }

    /** The names of the labels of each series of these metrics. */
    private static Map<String, Set<String>> labels(Exposition exposition) {
        return exposition.samples().stream()
                .collect(
                        Collectors.toMap(
                                Exposition.Sample::name,
                                sample -> sample.labels().keySet(),
                                (one, other) -> one));
    }

    @ParameterizedTest
    @MethodSource("promQl")
    @Order(3)
    void thePanelsPromQlReturnsData(Query query) {
        if (query.expr().contains("grafana_")) {
            stack.assume("grafana");
        }

        prometheus.expectData(query.toString(), query.substituted(".*", ".*"));
    }

    @ParameterizedTest
    @MethodSource("logQl")
    @Order(3)
    void thePanelsLogQlReturnsData(Query query) {
        expectLines(query.toString(), query.substituted("backend", ".*"));
    }

    static Stream<String> linkedLogQl() {
        return ExploreLink.ofGraphs()
                .flatMap(ExploreLink::expressions)
                .map(expr -> expr.replace("${instance:pipe}", "backend"));
    }

    @ParameterizedTest
    @MethodSource("linkedLogQl")
    @Order(3)
    void theGraphsLinkLeadsToLines(String expr) {
        expectLines("a link of a graph", expr);
    }

    @Test
    @Order(3)
    void theLinesOfOneRequestAreFoundByItsTraceId() throws IOException {
        HttpResponse<String> failed =
                await().atMost(PrometheusApi.LIMIT)
                        .until(
                                () -> Http.get(URI.create(backend + "/heavy-computation")),
                                answer -> answer.statusCode() == 500);
        String traceId = failed.headers().firstValue("traceparent").orElseThrow().split("-")[1];

        // By the link of an exemplar, and by that of any of its lines.
        List<String> expressions =
                Datasources.linksToLines().flatMap(ExploreLink::expressions).toList();
        assertThat(expressions).hasSize(2);
        for (String expr : expressions) {
            // Its arrival and its failure, each once though two shippers sent both.
            await().atMost(PrometheusApi.LIMIT)
                    .untilAsserted(
                            () ->
                                    assertThat(lines(expr.replace("${__value.raw}", traceId)))
                                            .hasSize(2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prometheus", "loki", "alertmanager"})
    @Order(4)
    void grafanaReachesTheDataSource(String uid) throws Exception {
        stack.assume("grafana");

        if (uid.equals("alertmanager")) {
            // It has no health check; its status comes through Grafana's proxy.
            JsonNode status = grafana("/api/alertmanager/alertmanager/api/v2/status", null);
            assertThat(Json.string(status, "versionInfo", "version")).isNotEmpty();
        } else {
            JsonNode health = grafana("/api/datasources/uid/" + uid + "/health", null);
            assertThat(Json.string(health, "status")).isEqualTo("OK");
        }
    }

    @ParameterizedTest
    @MethodSource("queries")
    @Order(4)
    void thePanelsQueryReturnsDataThroughGrafana(Query query) throws Exception {
        stack.assume("grafana");
        JsonNode body =
                JsonNode.createObjectNode(
                        Map.of(
                                "from",
                                JsonNode.createStringNode("now-15m"),
                                "to",
                                JsonNode.createStringNode("now"),
                                "queries",
                                JsonNode.createArrayNode(List.of(grafanaQuery(query)))));

        JsonNode answer = grafana("/api/ds/query", Json.text(body));

        JsonNode result = Json.at(answer, "results", Json.string(query.json(), "refId"));
        List<JsonNode> frames =
                Json.list(result, "frames").stream().filter(MonitoringE2E::hasValues).toList();
        assertThat(frames).as("%s: %s", query, Json.string(result, "error")).isNotEmpty();
        if (query.hasExemplars()) {
            assertThat(frames)
                    .as(query.toString())
                    .anyMatch(
                            frame ->
                                    Json.string(frame, "schema", "meta", "custom", "resultType")
                                            .equals("exemplar"));
        }
    }

    private static boolean hasValues(JsonNode frame) {
        return Json.list(frame, "data", "values").stream().anyMatch(column -> column.size() > 0);
    }

    /**
     * The panel's own, with what Grafana's pages put in: the variables, and how wide a point is.
     */
    private static JsonNode grafanaQuery(Query query) {
        Map<String, JsonNode> one = new HashMap<>();
        query.json().entries().forEach(entry -> one.put(entry.getKey(), entry.getValue()));
        one.put("expr", JsonNode.createStringNode(query.substituted(".*", ".*")));
        one.put("intervalMs", JsonNode.createNumberNode(5000));
        one.put("maxDataPoints", JsonNode.createNumberNode(300));
        return JsonNode.createObjectNode(one);
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    @Order(4)
    void grafanaHasTheDashboard(Dashboard dashboard) throws Exception {
        stack.assume("grafana");

        JsonNode loaded = grafana("/api/dashboards/uid/" + dashboard.uid(), null);

        assertThat(Json.string(loaded, "dashboard", "title")).isEqualTo(dashboard.title());
        assertThat(Json.list(loaded, "dashboard", "panels"))
                .hasSameSizeAs(Json.list(dashboard.json(), "panels"));
    }

    static Stream<Dashboard> dashboards() {
        return Dashboard.all().stream();
    }

    @Test
    @Order(5)
    void faultsMakeTheAlertFireItReachesAlertmanagerAndItResolves() {
        assertThat(firing()).doesNotContain(ALERT);

        restartBackend(Map.of("HEAVY_ERROR_RATE", "0.9"));

        await().atMost(ALERT_LIMIT)
                .ignoreExceptions()
                .untilAsserted(
                        () -> {
                            assertThat(firing()).contains(ALERT);
                            assertThat(atAlertmanager()).contains(ALERT);
                        });

        restartBackend(Map.of());

        await().atMost(ALERT_LIMIT)
                .ignoreExceptions()
                .untilAsserted(
                        () -> {
                            assertThat(firing()).doesNotContain(ALERT);
                            assertThat(atAlertmanager()).doesNotContain(ALERT);
                        });
        assertThat(firing()).contains("Watchdog");
    }

    private static void restartBackend(Map<String, String> environment) {
        stack.up(environment, "backend");
        backend = stack.url("backend", 3000);
    }

    private static List<String> firing() {
        return Json.list(prometheus.get("alerts"), "alerts").stream()
                .filter(alert -> Json.string(alert, "state").equals("firing"))
                .map(alert -> Json.string(alert, "labels", "alertname"))
                .toList();
    }

    private static List<String> atAlertmanager() {
        String alerts =
                Http.get(URI.create(stack.url("alertmanager", 9093) + "/api/v2/alerts?active=true"))
                        .body();
        return Json.list(Json.parse(alerts)).stream()
                .map(alert -> Json.string(alert, "labels", "alertname"))
                .toList();
    }

    private static void expectLines(String where, String expr) {
        await().atMost(PrometheusApi.LIMIT)
                .untilAsserted(() -> assertThat(lines(expr)).as(where).isNotEmpty());
    }

    /** What Loki has of the last half hour: lines, or the points of a series. */
    private static List<JsonNode> lines(String expr) {
        String body =
                Http.get(
                                URI.create(
                                        loki
                                                + "/loki/api/v1/query_range?since=30m&step=15s&query="
                                                + PrometheusApi.encode(expr)))
                        .body();
        assertThat(body).as(expr).startsWith("{");
        return Json.list(Json.parse(body), "data", "result").stream()
                .flatMap(stream -> Json.list(stream, "values").stream())
                .toList();
    }

    private static JsonNode grafana(String path, String body) throws Exception {
        String user =
                Base64.getEncoder().encodeToString("admin:admin".getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(stack.url("grafana", 3000) + path))
                        .header("Authorization", "Basic " + user)
                        .header("Content-Type", "application/json");
        if (body != null) {
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        }
        HttpResponse<String> answer = HTTP.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Json.parse(answer.body());
    }
}
