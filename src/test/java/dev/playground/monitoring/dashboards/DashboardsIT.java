package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.dashboards.Dashboard.Variable;
import dev.playground.monitoring.dashboards.Expression.Selector;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Each PromQL expression of dashboards and rules returns data on a real Prometheus that scrapes the
 * real service under mixed traffic, itself, and what the other programs export.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public class DashboardsIT {
    private static final List<Query> QUERIES =
            Dashboard.queries("prometheus").filter(q -> !q.panel().isEmptyWhenHealthy()).toList();
    private static final List<Query> EMPTY_WHEN_HEALTHY =
            Dashboard.queries("prometheus").filter(q -> q.panel().isEmptyWhenHealthy()).toList();
    private static final List<Query> WITH_EXEMPLARS =
            QUERIES.stream().filter(Query::hasExemplars).toList();
    private static final List<Variable> VARIABLES = Dashboard.variables().toList();

    private static final String INSTANCE = "backend";
    private static final String ROUTE = "/heavy-computation";
    private static final int MAX_IN_FLIGHT = 5;

    @TempDir static Path folder;

    private static final Map<String, ExportedTarget> targets = new HashMap<>();
    @AutoClose private static FakeLoki loki;
    @AutoClose private static ServiceProcess service;
    @AutoClose private static PrometheusServer server;
    private static PrometheusApi prometheus;

    @AutoClose("shutdownNow")
    private static ScheduledExecutorService traffic;

    /** The metrics that exist only after a fault, and their faults. */
    private static final Map<String, Runnable> FAULTS =
            new TreeMap<>(
                    Map.of(
                            "loki4j_retry_errors_total",
                            () -> loki.reject(503),
                            "loki4j_send_errors_total",
                            () -> loki.reject(400), // not retried
                            "loki_discarded_samples_total",
                            () -> targets.get("loki:3100").export("loki-rejecting")));

    @BeforeAll
    static void start() throws Exception {
        PrometheusProgram.prometheus();
        loki = new FakeLoki();
        loki.accept();
        Map<String, String> environment =
                Map.of(
                        "PORT",
                        "0",
                        "LOKI_HOST",
                        loki.url(),
                        "HEAVY_LATENCIES_MS",
                        "100, 150, 200",
                        "HEAVY_MAX_IN_FLIGHT",
                        Integer.toString(MAX_IN_FLIGHT));
        service =
                new ServiceProcess(
                        environment,
                        // As the image, as far as the JVM of the build has the options.
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "@src/main/docker/jvm.options",
                        "-Xmx128m", // so that it collects garbage
                        "-jar",
                        "target/backend-monitoring.jar");
        targets.put("loki:3100", new ExportedTarget("loki"));
        targets.put("promtail:9080", new ExportedTarget("promtail"));
        targets.get("promtail:9080").export("promtail-kubernetes");
        targets.put("alertmanager:9093", new ExportedTarget("alertmanager"));
        targets.put("grafana:3000", new ExportedTarget("grafana"));
        Map<String, String> addresses = new HashMap<>();
        targets.forEach((address, target) -> addresses.put(address, target.address()));
        addresses.put("backend:3000", "localhost:" + service.port());
        server = PrometheusServer.start(folder, addresses);
        prometheus = server.api();
        traffic = Executors.newSingleThreadScheduledExecutor();
        URI home = service.uri("/");
        traffic.scheduleAtFixedRate(() -> callEachKind(home), 0, 500, TimeUnit.MILLISECONDS);
    }

    /** Answered with 200, 404, 500 and, above the limit, 503. */
    private static void callEachKind(URI home) {
        Http.getAsync(home);
        Http.getAsync(home.resolve("/health/readiness"));
        Http.getAsync(home.resolve("/no/such"));
        for (int i = 0; i <= 2 * MAX_IN_FLIGHT; i++) {
            Http.getAsync(home.resolve(ROUTE));
        }
    }

    @Test
    @Order(1)
    void scrapesEachTargetOfCompose() {
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
        for (int status : List.of(200, 404, 500, 503)) {
            prometheus.expectData(
                    "the traffic",
                    "req_response_time_histogram_count{status_code=\"%d\"}".formatted(status));
        }
    }

    @ParameterizedTest
    @FieldSource("EMPTY_WHEN_HEALTHY")
    @Order(2)
    void panelIsEmptyWhenHealthy(Query query) {
        assertThat(prometheus.query(query.substituted(".*", ".*"))).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("QUERIES")
    @Order(3)
    void queryReturnsDataForAllAndForOneInstanceAndRoute(Query query) {
        prometheus.expectData(query.toString(), query.substituted(".*", ".*"));
        prometheus.expectData(query.toString(), query.substituted(INSTANCE, ROUTE));
    }

    @ParameterizedTest
    @FieldSource("WITH_EXEMPLARS")
    @Order(3)
    void graphWithExemplarsHasTraceIds(Query query) {
        await().atMost(PrometheusApi.LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(prometheus.exemplars(query.substituted(".*", ".*")))
                                        .extracting(e -> Json.string(e, "labels", "trace_id"))
                                        .isNotEmpty()
                                        .allMatch(traceId -> traceId.length() == 32));
    }

    @Test
    @Order(3)
    void heatmapHasOneRowForEachBoundOfItsQuery() {
        Query heatmap =
                QUERIES.stream()
                        .filter(q -> q.panel().type().equals("heatmap"))
                        .findFirst()
                        .orElseThrow();

        TreeMap<Double, Double> buckets = new TreeMap<>();
        for (JsonNode bucket : prometheus.query(heatmap.substituted(".*", ".*"))) {
            String le = Json.string(bucket, "metric", "le").replace("+Inf", "Infinity");
            buckets.put(Double.valueOf(le), PrometheusApi.value(bucket));
        }
        String bounds = heatmap.expr().replaceAll(".*le=~\"\\(([\\d|]+)\\).*", "$1|Infinity");
        assertThat(buckets.keySet())
                .hasSizeLessThan(20) // of a panel 300 pixels high
                .containsExactlyElementsOf(
                        Stream.of(bounds.split("\\|")).map(Double::valueOf).toList());
        assertThat(List.copyOf(buckets.values())).isSorted();
        assertThat(buckets.lastEntry().getValue()).isPositive();
    }

    @Test
    @Order(3)
    void instancesUpIsZeroWithoutAnInstance() {
        Query instancesUp = Dashboard.panel("service", Dashboard.INSTANCES_UP).queries().get(0);

        assertThat(prometheus.scalar(instancesUp.substituted("none", ".*"))).isZero();
        assertThat(prometheus.scalar(instancesUp.substituted(".*", ".*"))).isEqualTo(1);
    }

    @ParameterizedTest
    @FieldSource("VARIABLES")
    @Order(3)
    void variableOffersTheValuesOfItsLabel(Variable variable) {
        String selector = PrometheusApi.encode(variable.selector());
        JsonNode values =
                prometheus.get("label/%s/values?match[]=%s".formatted(variable.label(), selector));

        assertThat(Json.strings(values))
                .containsExactlyInAnyOrderElementsOf(
                        variable.label().equals("instance")
                                ? List.of(INSTANCE)
                                : List.of("/", ROUTE, "unmatched"));
    }

    @Test
    @Order(3)
    void rulesAreLoadedAndEvaluateWithoutError() {
        List<String> names = Rule.all().stream().map(Rule::name).toList();
        await().atMost(PrometheusApi.LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(Json.list(prometheus.get("rules"), "groups"))
                                        .flatMap(group -> Json.list(group, "rules"))
                                        .allMatch(rule -> Json.string(rule, "health").equals("ok"))
                                        .extracting(rule -> Json.string(rule, "name"))
                                        .containsExactlyInAnyOrderElementsOf(names));
    }

    @Test
    @Order(3)
    void rulesHaveDataWhenHealthy() {
        Rule.recordings().forEach(rule -> prometheus.expectData("recording", rule.name()));
        Expression.parse(Expression.rules())
                .forEach(
                        (rule, syntax) ->
                                syntax.selectors().stream()
                                        .filter(s -> !FAULTS.containsKey(s.metric()))
                                        .map(Selector::text)
                                        .forEach(
                                                text -> prometheus.expectData(rule.where(), text)));
    }

    @ParameterizedTest
    @FieldSource("EMPTY_WHEN_HEALTHY")
    @Order(4)
    void panelShowsTheFault(Query query) {
        FAULTS.forEach(
                (metric, fault) -> {
                    if (query.expr().contains(metric)) {
                        fault.run();
                    }
                });

        prometheus.expectData(query.toString(), query.substituted(INSTANCE, ROUTE));
    }

    @Test
    @Order(5)
    void eachFaultShowsInItsMetric() {
        FAULTS.forEach(
                (metric, fault) -> {
                    fault.run();
                    prometheus.expectData("fault", metric);
                });
    }
}
