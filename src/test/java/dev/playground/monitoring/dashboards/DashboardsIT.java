package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.dashboards.Dashboard.Variable;
import dev.playground.monitoring.rules.Rule;
import dev.playground.monitoring.testkit.ExportedTarget;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.PrometheusApi;
import dev.playground.monitoring.testkit.PrometheusProgram;
import dev.playground.monitoring.testkit.PrometheusServer;
import dev.playground.monitoring.testkit.ServiceProcess;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each PromQL expression of dashboards and rules on a real Prometheus, which has scraped the real
 * service under mixed traffic, itself, and what the other programs export: it has to return data.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public class DashboardsIT {
    private static final String INSTANCE = "backend";
    private static final String ROUTE = "/heavy-computation";

    private static final int MAX_IN_FLIGHT = 5;

    @TempDir static Path folder;

    private static FakeLoki loki;
    private static final Map<String, ExportedTarget> targets = new HashMap<>();
    private static ServiceProcess service;
    private static PrometheusServer server;
    private static PrometheusApi prometheus;
    private static ScheduledExecutorService traffic;

    /** The metrics that are there once something is wrong only, and what brings them about. */
    private static final Map<String, Runnable> FAULTS =
            Map.of(
                    "loki4j_retry_errors_total",
                    () -> loki.answer(503),
                    // Not a status that is tried again.
                    "loki4j_send_errors_total",
                    () -> loki.answer(400),
                    "loki_discarded_samples_total",
                    () -> targets.get("loki:3100").export("loki-rejecting"));

    static Stream<Query> queries() {
        return Dashboard.queries("prometheus").filter(q -> !q.panel().isEmptyWhenHealthy());
    }

    static Stream<Query> emptyWhenHealthy() {
        return Dashboard.queries("prometheus").filter(q -> q.panel().isEmptyWhenHealthy());
    }

    static Stream<Query> withExemplars() {
        return queries().filter(Query::hasExemplars);
    }

    static Stream<Variable> variables() {
        return Dashboard.all().stream().flatMap(dashboard -> dashboard.variables().stream());
    }

    static Stream<Rule> recordings() {
        return Rule.all().stream().filter(rule -> !rule.alert());
    }

    static Stream<Rule> alerts() {
        return Rule.alerts().stream();
    }

    @BeforeAll
    static void start() throws Exception {
        PrometheusProgram.prometheus();
        loki = new FakeLoki();
        loki.beWell();
        service =
                new ServiceProcess(
                        Map.of(
                                "PORT",
                                "0",
                                "LOKI_HOST",
                                loki.url(),
                                "HEAVY_LATENCIES_MS",
                                "100, 150, 200",
                                "HEAVY_MAX_IN_FLIGHT",
                                Integer.toString(MAX_IN_FLIGHT)),
                        "@src/main/docker/jvm.options", // as the image
                        "-Xmx128m", // so that the garbage collector has something to do
                        "-jar",
                        "target/backend-monitoring.jar");
        targets.put("loki:3100", new ExportedTarget("loki"));
        targets.put("promtail:9080", new ExportedTarget("promtail"));
        targets.get("promtail:9080").export("promtail-kubernetes");
        targets.put("alertmanager:9093", new ExportedTarget("alertmanager"));
        targets.put("grafana:3000", new ExportedTarget("grafana"));
        Map<String, String> addresses =
                targets.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey, target -> target.getValue().address()));
        addresses.put("backend:3000", "localhost:" + service.port());
        server = PrometheusServer.start(folder, addresses);
        prometheus = server.api();
        traffic = Executors.newSingleThreadScheduledExecutor();
        URI home = service.uri("/");
        traffic.scheduleAtFixedRate(() -> callEachKind(home), 0, 500, TimeUnit.MILLISECONDS);
    }

    /** Answered with 200, 404, 500 and, beyond the limit, 503. */
    private static void callEachKind(URI home) {
        Http.getAsync(home);
        Http.getAsync(home.resolve("/no/such"));
        for (int i = 0; i <= 2 * MAX_IN_FLIGHT; i++) {
            Http.getAsync(home.resolve(ROUTE));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        if (traffic != null) {
            traffic.shutdownNow();
        }
        if (server != null) {
            server.close();
        }
        if (service != null) {
            service.close();
        }
        if (loki != null) {
            loki.close();
        }
        targets.values().forEach(ExportedTarget::close);
    }

    @Test
    @Order(1)
    void everyTargetOfComposeIsScraped() {
        await().atMost(PrometheusApi.LIMIT)
                .ignoreExceptions()
                .untilAsserted(
                        () ->
                                assertThat(prometheus.query("up == 1"))
                                        .extracting(up -> Json.string(up, "metric", "job"))
                                        .containsExactlyInAnyOrder(
                                                "backend-monitoring",
                                                "prometheus",
                                                "alertmanager",
                                                "loki",
                                                "promtail",
                                                "grafana"));
        for (String status : List.of("200", "404", "500", "503")) {
            prometheus.expectData(
                    "the traffic",
                    "req_response_time_histogram_count{status_code=\"" + status + "\"}");
        }
    }

    @ParameterizedTest
    @MethodSource("emptyWhenHealthy")
    @Order(2)
    void nothingIsShownWhileAllIsWell(Query query) {
        assertThat(prometheus.query(query.substituted(".*", ".*"))).as(query.toString()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("queries")
    @Order(3)
    void thePanelsQueryReturnsData(Query query) {
        prometheus.expectData(query.toString(), query.substituted(".*", ".*"));
        prometheus.expectData(query.toString(), query.substituted(INSTANCE, ROUTE));
    }

    @ParameterizedTest
    @MethodSource("withExemplars")
    @Order(3)
    void whereRequestsAreShownAsDotsThereAreExemplars(Query query) {
        await().atMost(PrometheusApi.LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(prometheus.exemplars(query.substituted(".*", ".*")))
                                        .as(query.toString())
                                        .isNotEmpty()
                                        .allSatisfy(
                                                exemplar ->
                                                        assertThat(
                                                                        Json.string(
                                                                                exemplar,
                                                                                "labels",
                                                                                "trace_id"))
                                                                .hasSize(32)));
    }

    @Test
    @Order(3)
    void theHeatMapHasEveryBucketOfTheHistogram() {
        Query heatmap =
                queries().filter(q -> q.panel().type().equals("heatmap")).findFirst().orElseThrow();

        TreeMap<Double, Double> buckets = new TreeMap<>();
        for (JsonNode bucket : prometheus.query(heatmap.substituted(".*", ".*"))) {
            String le = Json.string(bucket, "metric", "le").replace("+Inf", "Infinity");
            buckets.put(Double.valueOf(le), PrometheusApi.value(bucket));
        }
        assertThat(buckets).hasSizeGreaterThan(50).containsKey(Double.POSITIVE_INFINITY);
        assertThat(List.copyOf(buckets.values())).isSorted();
        assertThat(buckets.lastEntry().getValue()).isPositive();
    }

    @Test
    @Order(3)
    void withoutAnyInstanceThatTileIsZeroNotEmpty() {
        Query instances =
                queries()
                        .filter(q -> q.panel().title().equals("Instances up"))
                        .findFirst()
                        .orElseThrow();

        assertThat(prometheus.scalar(instances.substituted("none", ".*"))).isZero();
        assertThat(prometheus.scalar(instances.substituted(".*", ".*"))).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("variables")
    @Order(3)
    void theVariableOffersWhatThereIs(Variable variable) {
        List<String> values =
                Json.list(
                                prometheus.get(
                                        "label/%s/values?match[]=%s"
                                                .formatted(
                                                        variable.label(),
                                                        PrometheusApi.encode(variable.selector()))))
                        .stream()
                        .map(JsonNode::getStringValue)
                        .toList();

        assertThat(values)
                .containsExactlyInAnyOrderElementsOf(
                        variable.label().equals("instance")
                                ? Set.of(INSTANCE)
                                : Set.of("/", ROUTE, "unmatched"));
    }

    @ParameterizedTest
    @MethodSource("recordings")
    @Order(3)
    void theRecordingIsRecorded(Rule recording) {
        prometheus.expectData("rule " + recording.name(), recording.name());
    }

    @Test
    @Order(3)
    void everyRuleIsLoadedAndEvaluatedWithoutAnError() {
        await().atMost(PrometheusApi.LIMIT)
                .untilAsserted(
                        () -> {
                            List<JsonNode> rules = new ArrayList<>();
                            for (JsonNode group : Json.list(prometheus.get("rules"), "groups")) {
                                rules.addAll(Json.list(group, "rules"));
                            }
                            assertThat(rules)
                                    .extracting(rule -> Json.string(rule, "name"))
                                    .containsExactlyInAnyOrderElementsOf(
                                            Rule.all().stream().map(Rule::name).toList());
                            assertThat(rules)
                                    .allMatch(rule -> Json.string(rule, "health").equals("ok"));
                        });
    }

    @ParameterizedTest
    @MethodSource("alerts")
    @Order(3)
    void whatTheAlertLooksAtIsThereWhenAllIsWell(Rule alert) {
        for (PromQl.Selector selector : selectors(alert.expr())) {
            if (!FAULTS.containsKey(selector.metric())) {
                prometheus.expectData("alert " + alert.name(), selector.text());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("emptyWhenHealthy")
    @Order(4)
    void thePanelShowsTheFault(Query query) {
        selectors(query.expr()).forEach(selector -> FAULTS.get(selector.metric()).run());

        prometheus.expectData(query.toString(), query.substituted(INSTANCE, ROUTE));
    }

    @Test
    @Order(4)
    void everyFaultShowsInTheMetricThatAnAlertLooksAt() {
        FAULTS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .forEach(
                        fault -> {
                            fault.getValue().run();
                            prometheus.expectData("fault", fault.getKey());
                        });
    }

    private static List<PromQl.Selector> selectors(String expr) {
        return PromQl.of(expr).selectors();
    }
}
