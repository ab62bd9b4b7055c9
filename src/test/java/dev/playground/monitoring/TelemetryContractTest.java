package dev.playground.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.loki4j.client.pipeline.Loki4jMetrics;
import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Exposition.Family;
import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.ServiceProcess;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the tables of docs/telemetry.md against the live {@code /metrics}, in both directions: what
 * is exposed is documented, what is documented is exposed, with that type and those labels. The
 * garbage collectors differ in what they report, so the service runs with several.
 */
class TelemetryContractTest {
    private static final Path DOCUMENT = Path.of("docs", "telemetry.md");

    // The column When of the document.
    private static final String ALWAYS = "always";
    private static final String FIRST_REQUEST = "after the first request";
    private static final String FIRST_PAUSE = "after the first pause";
    private static final String CONCURRENT_PHASE = "after the first concurrent phase";
    private static final String GENERATIONS = "with generations";
    private static final String LOKI_HOST = "with LOKI_HOST";
    private static final String FAILED_SEND = "with LOKI_HOST, after a failed send";

    private static final Pattern UNIT = Pattern.compile("_(seconds|bytes)(_total|_max)?$");

    private static final int JDK = Runtime.version().feature();

    /** What a row of the document, or an exposition, says of a metric. */
    private record Metric(String name, String type, Set<String> labels) {}

    private record Row(Metric metric, String unit, String when) {}

    @Test
    void withLokiEveryMetricIsAsDocumented() throws Exception {
        try (var loki = new FakeLoki();
                var service =
                        service(
                                Map.of("LOKI_HOST", loki.url()),
                                "-XX:+UseG1GC",
                                "-XX:+ExplicitGCInvokesConcurrent")) {
            // One try that is repeated, and one batch that is given up.
            loki.beWellAfter(503, 400);
            Set<String> conditions = conditions("G1");
            conditions.addAll(List.of(LOKI_HOST, FAILED_SEND));

            expectDocumented(service, conditions);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Serial", "Z"})
    void withoutLokiEveryMetricIsAsDocumentedUnderTheCollector(String collector) throws Exception {
        try (var service = service(Map.of(), "-XX:+Use" + collector + "GC")) {
            expectDocumented(service, conditions(collector));
        }
    }

    /**
     * By Prometheus' convention the name says it; the histogram's name is given, and its HELP says
     * it.
     */
    @Test
    void theUnitIsTheOneThatTheNameOrTheHelpSays() throws Exception {
        try (var service = service(Map.of())) {
            Http.get(service.uri("/"));
            assertThat(Http.get(service.uri("/metrics")).body())
                    .containsPattern("# HELP req_response_time_histogram .* milliseconds");
        }
        assertThat(rows())
                .allSatisfy(
                        row -> {
                            Matcher unit = UNIT.matcher(row.metric().name());
                            if (unit.find()) {
                                assertThat(row.unit()).as(row.toString()).isEqualTo(unit.group(1));
                            }
                        })
                .extracting(Row::unit)
                .doesNotContain("");
    }

    @Test
    void theAppendersOwnMetricsAreAsDocumented() throws IOException {
        // Its errors inside cannot be provoked from outside.
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Metrics.addRegistry(registry);
        try {
            var appender = new Loki4jMetrics("LOKI", () -> 0L);
            appender.appendFailed(() -> "any");
            appender.batchEncodeFailed(() -> "any");
            appender.sendRetryFailed(() -> "any");
            appender.batchSendFailed(() -> "any");

            Predicate<Metric> own = metric -> metric.name().startsWith("loki4j_");
            expectEqual(
                    exposed(registry.scrape()).stream().filter(own).toList(),
                    documented(row -> own.test(row.metric())));
        } finally {
            Metrics.removeRegistry(registry);
        }
    }

    /** Those that come true in the test. */
    private static Set<String> conditions(String collector) {
        Set<String> conditions = new HashSet<>(List.of(ALWAYS, FIRST_REQUEST, FIRST_PAUSE));
        boolean zgc = collector.equals("Z");
        if (zgc || collector.equals("G1") && JDK >= 20) {
            conditions.add(CONCURRENT_PHASE);
        }
        if (!zgc || JDK >= 23) {
            conditions.add(GENERATIONS);
        }
        return conditions;
    }

    private static ServiceProcess service(Map<String, String> settings, String... jvm)
            throws IOException {
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("PORT", "0");
        List<String> java = new ArrayList<>(List.of(jvm));
        java.add("-Xmx128m");
        java.add("-cp");
        java.add(System.getProperty("java.class.path"));
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

    /** In two steps, for a message that names nothing but what differs. */
    private static void expectEqual(List<Metric> exposed, List<Metric> documented) {
        assertThat(exposed)
                .filteredOn(metric -> !documented.contains(metric))
                .as("exposed, but not documented so")
                .isEmpty();
        assertThat(documented)
                .filteredOn(metric -> !exposed.contains(metric))
                .as("documented, but not exposed so")
                .isEmpty();
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
                .filter(sample -> family.has(sample.name()))
                .flatMap(sample -> sample.labels().keySet().stream())
                // A part of the type.
                .filter(label -> !label.equals("le"))
                .collect(Collectors.toSet());
    }

    private static List<Metric> documented(Predicate<Row> chosen) throws IOException {
        List<Metric> metrics = rows().stream().filter(chosen).map(Row::metric).toList();
        assertThat(metrics).extracting(Metric::name).doesNotHaveDuplicates();
        return metrics;
    }

    /** The rows of each table whose first column is called Metric. */
    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        List<String> header = List.of();
        for (String line : Files.readAllLines(DOCUMENT)) {
            List<String> cells =
                    Arrays.stream(line.replace("`", "").split("\\|")).map(String::strip).toList();
            if (!line.startsWith("|")) {
                header = List.of();
            } else if (header.isEmpty()) {
                header = cells;
            } else if (header.contains("Metric") && !line.startsWith("|-")) {
                rows.add(row(header, cells));
            }
        }
        return rows;
    }

    private static Row row(List<String> header, List<String> cells) {
        String labels = cells.get(header.indexOf("Labels"));
        return new Row(
                new Metric(
                        cells.get(header.indexOf("Metric")),
                        cells.get(header.indexOf("Type")),
                        labels.equals("none") ? Set.of() : Set.of(labels.split(", "))),
                cells.get(header.indexOf("Unit")),
                header.contains("When") ? cells.get(header.indexOf("When")) : ALWAYS);
    }
}
