package dev.playground.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.loki4j.client.pipeline.Loki4jMetrics;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Exposition.Family;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.ServiceProcess;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares the tables of docs/telemetry.md with the live {@code /metrics}: each metric is
 * documented, and each documented metric exists, with the same type and labels. The garbage
 * collectors have different metrics, so the service runs with several.
 */
class TelemetryContractTest {
    private static final String ALWAYS = "always";
    private static final String UNIT_SUFFIX = "(_total|_max)?";
    private static final int JDK = Runtime.version().feature();

    private record Metric(String name, String type, Set<String> labels) {}

    /**
     * @param when the condition under which the metric exists
     */
    private record Row(Metric metric, String unit, String when) {}

    @Test
    void documentsEachMetricWithLoki() throws Exception {
        Map<String, String> settings = new HashMap<>();
        try (var loki = new FakeLoki()) {
            settings.put("LOKI_HOST", loki.url());
            // playground:start
            settings.put("FAULTS_ENABLED", "true");
            // playground:end
            // One attempt that is retried, and one batch that is dropped.
            loki.accept(503, 400);
            try (var service = service(settings, "G1", "-XX:+ExplicitGCInvokesConcurrent")) {
                Set<String> conditions = conditions("G1");
                // playground:start
                conditions.add("with FAULTS_ENABLED");
                conditions.add("after PUT /series");
                // playground:end
                conditions.add("with LOKI_HOST");
                conditions.add("with LOKI_HOST, after a failed send");

                // playground:start
                RawHttp.exchange(
                        service.port(),
                        "PUT /series HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                + "Content-Length: 13\r\n\r\n{\"series\": 2}");
                // playground:end
                expectDocumented(service, conditions);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Serial", "Z"})
    void documentsEachMetricOfTheCollector(String collector) throws Exception {
        try (var service = service(Map.of(), collector)) {
            expectDocumented(service, conditions(collector));
            assertThat(Http.get(service.uri("/metrics")).body())
                    .containsPattern("# HELP req_response_time_histogram .* milliseconds");
        }
    }

    @Test
    void documentsUnitThatTheNameStates() throws IOException {
        assertThat(rows()).extracting(Row::unit).doesNotContain("");
        assertThat(rows())
                .filteredOn(row -> row.metric().name().matches(".*_(seconds|bytes)" + UNIT_SUFFIX))
                .isNotEmpty()
                .allMatch(row -> row.metric().name().matches(".*_" + row.unit() + UNIT_SUFFIX));
    }

    @Test
    void documentsErrorMetricsOfTheAppender() throws IOException {
        // A test cannot cause the internal errors of the appender.
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Metrics.addRegistry(registry);
        try {
            var appender = new Loki4jMetrics("LOKI", () -> 0L);
            appender.appendFailed(() -> "any");
            appender.batchEncodeFailed(() -> "any");
            appender.sendRetryFailed(() -> "any");
            appender.batchSendFailed(() -> "any");

            Predicate<Metric> ofAppender = metric -> metric.name().startsWith("loki4j_");
            expectEqual(
                    exposed(registry.scrape()).stream().filter(ofAppender).toList(),
                    documented(row -> ofAppender.test(row.metric())));
        } finally {
            Metrics.removeRegistry(registry);
        }
    }

    /** The conditions that hold in the test. */
    private static Set<String> conditions(String collector) {
        Set<String> conditions =
                new HashSet<>(Set.of(ALWAYS, "after the first request", "after the first pause"));
        boolean zgc = collector.equals("Z");
        if (zgc || collector.equals("G1") && JDK >= 20) {
            conditions.add("after the first concurrent phase");
        }
        if (!zgc || JDK >= 23) {
            conditions.add("with generations");
        }
        return conditions;
    }

    private static ServiceProcess service(
            Map<String, String> settings, String collector, String... jvm) throws IOException {
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("PORT", "0");
        List<String> java = new ArrayList<>(List.of(jvm));
        String classPath = System.getProperty("java.class.path");
        java.addAll(List.of("-XX:+Use" + collector + "GC", "-Xmx128m", "-cp", classPath));
        java.add(Application.class.getName());
        return new ServiceProcess(environment, java.toArray(String[]::new));
    }

    private static void expectDocumented(ServiceProcess service, Set<String> conditions)
            throws Exception {
        assertThat(scrape(service)).containsAll(documented(row -> row.when().equals(ALWAYS)));

        service.jcmd("GC.run");
        List<Metric> documented = documented(row -> conditions.contains(row.when()));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> expectEqual(scrape(service), documented));
    }

    /** Two assertions, whose messages have the differences only. */
    private static void expectEqual(List<Metric> exposed, List<Metric> documented) {
        assertThat(exposed).filteredOn(m -> !documented.contains(m)).as("undocumented").isEmpty();
        assertThat(documented).filteredOn(m -> !exposed.contains(m)).as("not exposed").isEmpty();
    }

    private static List<Metric> scrape(ServiceProcess service) {
        return exposed(Http.get(service.uri("/metrics")).body());
    }

    private static List<Metric> exposed(String text) {
        Exposition exposition = new Exposition(text);
        return exposition.families().stream()
                .map(family -> new Metric(family.name(), family.type(), labels(exposition, family)))
                .toList();
    }

    private static Set<String> labels(Exposition exposition, Family family) {
        return exposition.samples(family.name()).stream()
                .filter(sample -> sample.name().matches(family.name() + "(_bucket|_count|_sum)?"))
                .flatMap(sample -> sample.labels().keySet().stream())
                // Part of the type.
                .filter(label -> !label.equals("le"))
                .collect(Collectors.toSet());
    }

    private static List<Metric> documented(Predicate<Row> chosen) throws IOException {
        List<Metric> metrics = rows().stream().filter(chosen).map(Row::metric).toList();
        assertThat(metrics).extracting(Metric::name).doesNotHaveDuplicates();
        return metrics;
    }

    /** Metric, type, labels, unit, in some tables when, meaning. */
    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("docs/telemetry.md"))) {
            String[] cells = line.replace("`", "").split(" *\\| *");
            if (line.startsWith("| `") && cells.length >= 6) {
                Set<String> labels =
                        cells[3].equals("none") ? Set.of() : Set.of(cells[3].split(", "));
                String when = cells.length > 6 ? cells[5] : ALWAYS;
                rows.add(new Row(new Metric(cells[1], cells[2], labels), cells[4], when));
            }
        }
        return rows;
    }
}
