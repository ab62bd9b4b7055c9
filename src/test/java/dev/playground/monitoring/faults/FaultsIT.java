package dev.playground.monitoring.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusApi;
import dev.playground.monitoring.testkit.PrometheusProgram;
import dev.playground.monitoring.testkit.PrometheusServer;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each {@link FaultCase} at the same time, in a process and a scrape job of its own: the rules add
 * up the instances of a job. A real Prometheus with the rules of the project sees each fault and
 * its end within the promised time.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultsIT {
    private static final String JOB = "backend-monitoring";
    private static final Map<FaultCase, ServiceProcess> SERVICES = new EnumMap<>(FaultCase.class);

    @TempDir static Path folder;

    @AutoClose private static PrometheusServer server;
    private static PrometheusApi prometheus;

    @AutoClose("shutdownNow")
    private static ScheduledExecutorService traffic;

    /** When the faults were switched on, later off. */
    private static long changed;

    @BeforeAll
    static void start() throws Exception {
        PrometheusProgram.prometheus();
        for (FaultCase fault : FaultCase.values()) {
            Map<String, String> environment =
                    Map.of(
                            "PORT", "0",
                            "FAULTS_ENABLED", "true",
                            "HEAVY_LATENCIES_MS", "10",
                            "HEAVY_ERROR_RATE", "0.1");
            SERVICES.put(
                    fault,
                    new ServiceProcess(
                            environment,
                            "-Xmx160m",
                            "-XX:+UseSerialGC",
                            "-jar",
                            "target/backend-monitoring.jar"));
        }
        String scrape = Project.composeConfig("scrape");
        String job =
                scrape.substring(scrape.indexOf("  - job"), scrape.indexOf("  - job_name: prom"));
        StringBuilder jobs = new StringBuilder();
        SERVICES.forEach(
                (fault, service) ->
                        jobs.append(
                                job.replace(JOB, fault.label())
                                        .replace("backend:3000", "localhost:" + service.port())));
        server = PrometheusServer.start(folder, Map.of(job, jobs.toString()));
        prometheus = server.api();
        traffic = Executors.newSingleThreadScheduledExecutor();
        traffic.scheduleAtFixedRate(
                () -> SERVICES.values().forEach(s -> Http.getAsync(s.uri("/heavy-computation"))),
                0,
                200,
                TimeUnit.MILLISECONDS);
    }

    @AfterAll
    static void stop() {
        SERVICES.values().forEach(ServiceProcess::close);
    }

    @ParameterizedTest
    @EnumSource
    @Order(1)
    void nothingShowsBefore(FaultCase fault) {
        await().atMost(PrometheusApi.LIMIT)
                .ignoreExceptions()
                .until(() -> active(fault) == 0 && !isShown(fault));
    }

    @Test
    @Order(2)
    void faultsStart() throws IOException {
        for (FaultCase fault : FaultCase.values()) {
            String head =
                    "PUT /faults HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            + "Content-Length: %d\r\n\r\n".formatted(fault.document.length());
            expectOk(fault, head + fault.document);
        }
        changed = System.nanoTime();
    }

    @ParameterizedTest
    @EnumSource
    @Order(3)
    void metricAndLogLineShowTheFault(FaultCase fault) {
        within(FaultCase.METRIC_SECONDS).until(() -> active(fault) == 1);
        within(FaultCase.LINE_SECONDS).until(() -> hasLine(fault, fault.line));
    }

    @ParameterizedTest
    @EnumSource
    @Order(4)
    void panelShowsTheFault(FaultCase fault) {
        within(FaultCase.PANEL_SECONDS).until(() -> fault.panel == null || isShown(fault));
    }

    @ParameterizedTest
    @EnumSource
    @Order(5)
    void itsAlertAndNoOtherFires(FaultCase fault) {
        List<String> expected = fault.alert == null ? List.of() : List.of(fault.alert);

        within(FaultCase.ALERT_SECONDS)
                .untilAsserted(() -> assertThat(firing(fault)).isEqualTo(expected));
    }

    @Test
    @Order(6)
    void faultsEnd() throws IOException {
        for (FaultCase fault : FaultCase.values()) {
            expectOk(fault, "DELETE /faults HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        changed = System.nanoTime();
    }

    @ParameterizedTest
    @EnumSource
    @Order(7)
    void nothingShowsAfter(FaultCase fault) {
        within(FaultCase.METRIC_SECONDS).until(() -> active(fault) == 0);
        within(FaultCase.LINE_SECONDS).until(() -> hasLine(fault, "Fault ended: "));
        within(FaultCase.PANEL_SECONDS).until(() -> !isShown(fault));
        within(FaultCase.ALERT_SECONDS).untilAsserted(() -> assertThat(firing(fault)).isEmpty());
    }

    private static void expectOk(FaultCase fault, String request) throws IOException {
        assertThat(RawHttp.exchange(SERVICES.get(fault).port(), request).status()).isEqualTo(200);
    }

    /** After the last change. */
    private static ConditionFactory within(int seconds) {
        Duration left = Duration.ofSeconds(seconds).minusNanos(System.nanoTime() - changed);
        return await().pollDelay(Duration.ZERO)
                .atMost(left.isNegative() ? Duration.ofMillis(500) : left);
    }

    private static double active(FaultCase fault) {
        return prometheus.scalar("fault_active{job='%s', fault='%<s'}".formatted(fault.label()));
    }

    private static List<String> firing(FaultCase fault) {
        return prometheus
                .query(
                        "ALERTS{alertstate='firing', job='%s', alertname!~'ErrorBudget.*'}"
                                .formatted(fault.label()))
                .stream()
                .map(alert -> Json.string(alert, "metric", "alertname"))
                .toList();
    }

    private static boolean isShown(FaultCase fault) {
        if (fault.panel == null) {
            return false;
        }
        Query query = fault.dashboardPanel().queries().get(0);
        if (query.datasource().equals("loki")) {
            return isMatched(query, fault);
        }
        if (fault == FaultCase.MEMORY) {
            // Used heap includes garbage.
            SERVICES.get(fault).jcmd("GC.run");
        }
        String expr = query.substituted(".*", ".*").replace(JOB, fault.label());
        return prometheus.query(expr).stream()
                .anyMatch(series -> PrometheusApi.value(series) > fault.threshold);
    }

    /** There is no Loki here: the pattern of the query must match the line. */
    private static boolean isMatched(Query query, FaultCase fault) {
        MatchResult pattern =
                Pattern.compile("pattern \"(.*)<cause>\"")
                        .matcher(query.substituted(".*", ".*"))
                        .results()
                        .findFirst()
                        .orElseThrow();
        List<String> lines = SERVICES.get(fault).output();
        // Of about 20 seconds.
        return fault.line.startsWith(pattern.group(1))
                && lines.stream()
                        .skip(Math.max(0, lines.size() - 110))
                        .anyMatch(line -> line.contains(fault.line));
    }

    private static boolean hasLine(FaultCase fault, String start) {
        return SERVICES.get(fault).output().stream().anyMatch(line -> line.contains("- " + start));
    }
}
