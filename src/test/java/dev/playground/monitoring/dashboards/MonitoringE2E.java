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
import dev.playground.monitoring.testkit.RawHttp;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole stack on Docker Compose under its default traffic: every panel has data soon after the
 * start, from the real programs and through Grafana, and an alert fires and resolves.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public class MonitoringE2E {
    /** From the return of {@code docker compose up --wait} until each panel has data. */
    private static final Duration FIRST_LOOK = Duration.ofSeconds(90);

    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    /** The alert fires after two minutes and resolves after one; the rest is for a busy machine. */
    private static final Duration ALERT_LIMIT = Duration.ofMinutes(6);

    private static final String ALERT = "ErrorRatioHigh";

    /** admin:admin */
    private static final String[] LOGIN = {"Authorization", "Basic YWRtaW46YWRtaW4="};

    @AutoClose private static ComposeStack stack;
    private static PrometheusApi prometheus;

    /** The address changes with each start of the container. */
    private static String service;

    private static Instant started;

    static Stream<Query> queries() {
        Stream<Query> promQl =
                Dashboard.queries("prometheus")
                        .filter(q -> !q.panel().isEmptyWhenHealthy())
                        // Of files, which Promtail tails only on Kubernetes.
                        .filter(q -> !q.expr().contains("promtail_file_bytes_total"));
        return Stream.concat(promQl, Dashboard.queries("loki"));
    }

    static Stream<String> linkedLogQl() {
        return ExploreLink.ofGraphs().map(link -> link.expr("backend", ""));
    }

    static Stream<Dashboard> dashboards() {
        return Dashboard.all().stream();
    }

    @BeforeAll
    static void start() {
        stack = ComposeStack.start();
        started = Instant.now();
        // playground:start
        stack.assume("traffic");
        // playground:end
        prometheus = new PrometheusApi(stack.url("prom-server", 9090));
        service = stack.url("backend", 3000);
    }

    @ParameterizedTest
    @MethodSource("queries")
    @Order(1)
    void queryReturnsDataWithin90SecondsOfStart(Query query) {
        // One that is late fails, and the following ones are still checked.
        Duration left = Duration.between(Instant.now(), started.plus(FIRST_LOOK));
        Duration limit = left.compareTo(AT_ONCE) > 0 ? left : AT_ONCE;
        if (query.datasource().equals("loki")) {
            expectLines(query.substituted("backend", ".*"), limit);
            return;
        }
        if (query.expr().contains("grafana_")) {
            stack.assume("grafana");
        }
        prometheus.expectData(query.toString(), query.substituted(".*", ".*"), limit);
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
    void programIsScrapedAndExportsWhatTheOtherTestsExpect(String service, int port, String file) {
        stack.assume(service);
        prometheus.expectData("target", "up{instance=\"" + service + "\"} == 1");
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

    /** The label names of each metric, by its first series. */
    private static Map<String, Set<String>> labels(Exposition exposition) {
        return exposition.samples().stream()
                .collect(
                        Collectors.toMap(
                                Exposition.Sample::name,
                                sample -> sample.labels().keySet(),
                                (one, other) -> one));
    }

    @ParameterizedTest
    @MethodSource("linkedLogQl")
    @Order(3)
    void graphLinkReturnsLogLines(String expr) {
        expectLines(expr, PrometheusApi.LIMIT);
    }

    @Test
    @Order(3)
    void traceIdLinksReturnLinesOfRequest() {
        HttpResponse<String> failed =
                await().atMost(PrometheusApi.LIMIT)
                        .until(
                                () -> Http.get(URI.create(service + "/heavy-computation")),
                                answer -> answer.statusCode() == 500);
        String traceId = failed.headers().firstValue("traceparent").orElseThrow().split("-")[1];

        // The link of an exemplar, and that of a line.
        List<String> expressions =
                Datasources.linksToLines().map(link -> link.expr("", traceId)).toList();
        assertThat(expressions).hasSize(2);
        for (String expr : expressions) {
            // The request and its failure, each once though two shippers sent both.
            await().atMost(PrometheusApi.LIMIT)
                    .untilAsserted(() -> assertThat(lines(expr)).hasSize(2));
        }
    }

    /** Alertmanager's has no health check; its status comes through Grafana's proxy. */
    @ParameterizedTest
    @CsvSource({
        "/api/datasources/uid/prometheus/health, status",
        "/api/datasources/uid/loki/health, status",
        "/api/alertmanager/alertmanager/api/v2/status, versionInfo.version"
    })
    @Order(4)
    void grafanaReachesTheDataSource(String path, String status) {
        JsonNode answer = json(Http.get(grafana(path), LOGIN));

        assertThat(Json.string(answer, status.split("\\."))).matches("OK|\\d.*");
    }

    @ParameterizedTest
    @MethodSource("queries")
    @Order(4)
    void queryReturnsDataThroughGrafana(Query query) {
        Map<String, Object> body =
                Map.of("from", "now-15m", "to", "now", "queries", List.of(grafanaQuery(query)));

        JsonNode answer =
                json(Http.post(grafana("/api/ds/query"), Json.text(JsonNode.from(body)), LOGIN));

        JsonNode result = Json.at(answer, "results", Json.string(query.json(), "refId"));
        List<JsonNode> frames =
                Json.list(result, "frames").stream().filter(MonitoringE2E::hasValues).toList();
        assertThat(frames).as(Json.string(result, "error")).isNotEmpty();
        if (query.hasExemplars()) {
            assertThat(frames)
                    .extracting(f -> Json.string(f, "schema", "meta", "custom", "resultType"))
                    .contains("exemplar");
        }
    }

    private static boolean hasValues(JsonNode frame) {
        return Json.list(frame, "data", "values").stream().anyMatch(column -> column.size() > 0);
    }

    /** The panel's own, with what Grafana's pages add: the variables, and the width of a point. */
    private static JsonNode grafanaQuery(Query query) {
        Map<String, JsonNode> fields = new HashMap<>();
        query.json().entries().forEach(field -> fields.put(field.getKey(), field.getValue()));
        fields.put("expr", JsonNode.createStringNode(query.substituted(".*", ".*")));
        fields.put("intervalMs", JsonNode.createNumberNode(5000));
        fields.put("maxDataPoints", JsonNode.createNumberNode(300));
        return JsonNode.createObjectNode(fields);
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    @Order(4)
    void grafanaHasTheDashboard(Dashboard dashboard) {
        JsonNode loaded = json(Http.get(grafana("/api/dashboards/uid/" + dashboard.uid()), LOGIN));

        assertThat(Json.string(loaded, "dashboard", "title")).isEqualTo(dashboard.title());
        assertThat(Json.list(loaded, "dashboard", "panels"))
                .hasSameSizeAs(Json.list(dashboard.json(), "panels"));
    }

    // playground:start
    /** FaultsIT has no Loki. */
    @Test
    @Order(4)
    void causesOfFaultShowInTheirPanel() throws IOException {
        String document = "{\"causes\": [\"Out of coffee\"]}";
        faults("PUT", "Content-Type: application/json\r\nContent-Length: 29\r\n\r\n" + document);
        Query causes = Dashboard.panel("service", 19).queries().get(0);

        await().atMost(PrometheusApi.LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(found(causes.substituted("backend", ".*")))
                                        .extracting(one -> Json.string(one, "metric", "cause"))
                                        .contains("Out of coffee"));
        faults("DELETE", "\r\n");
    }

    private static void faults(String method, String rest) throws IOException {
        String request = method + " /faults HTTP/1.1\r\nHost: x\r\n" + rest;
        assertThat(RawHttp.exchange(URI.create(service).getPort(), request).status())
                .isEqualTo(200);
    }

    // playground:end

    @Test
    @Order(5)
    void alertFiresReachesAlertmanagerAndResolves() {
        assertThat(firing()).containsExactly("Watchdog");

        restartService(Map.of("HEAVY_ERROR_RATE", "0.9"));
        await().atMost(ALERT_LIMIT)
                .ignoreExceptions()
                .untilAsserted(
                        () -> {
                            assertThat(firing()).contains(ALERT);
                            assertThat(atAlertmanager()).contains(ALERT);
                        });

        restartService(Map.of());
        await().atMost(ALERT_LIMIT)
                .ignoreExceptions()
                .untilAsserted(
                        () -> {
                            assertThat(firing()).containsExactly("Watchdog");
                            assertThat(atAlertmanager()).doesNotContain(ALERT);
                        });
    }

    private static void restartService(Map<String, String> environment) {
        stack.up(environment, "backend");
        service = stack.url("backend", 3000);
    }

    /** Without those of Grafana where it does not run. */
    private static List<String> firing() {
        String left = stack.has("grafana") ? "none" : "grafana";
        return prometheus.query("ALERTS{alertstate='firing', job!='%s'}".formatted(left)).stream()
                .map(alert -> Json.string(alert, "metric", "alertname"))
                .toList();
    }

    private static List<String> atAlertmanager() {
        JsonNode alerts = get(stack.url("alertmanager", 9093) + "/api/v2/alerts?active=true");
        return Json.list(alerts).stream()
                .map(alert -> Json.string(alert, "labels", "alertname"))
                .toList();
    }

    private static void expectLines(String expr, Duration limit) {
        await().atMost(limit)
                .pollDelay(Duration.ZERO)
                .untilAsserted(() -> assertThat(lines(expr)).isNotEmpty());
    }

    /** Log lines of the last half hour, or points of a series. */
    private static List<JsonNode> lines(String expr) {
        return found(expr).stream()
                .flatMap(stream -> Json.list(stream, "values").stream())
                .toList();
    }

    /** The streams or series. */
    private static List<JsonNode> found(String expr) {
        String path = "/loki/api/v1/query_range?since=30m&step=15s&query=";
        JsonNode found = get(stack.url("loki", 3100) + path + PrometheusApi.encode(expr));
        return Json.list(found, "data", "result");
    }

    private static JsonNode get(String url) {
        return json(Http.get(URI.create(url)));
    }

    /** An address of Grafana, without which the test is skipped. */
    private static URI grafana(String path) {
        stack.assume("grafana");
        return URI.create(stack.url("grafana", 3000) + path);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Json.parse(answer.body());
    }
}
