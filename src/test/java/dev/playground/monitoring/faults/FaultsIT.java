package dev.playground.monitoring.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.dashboards.Dashboard;
import dev.playground.monitoring.dashboards.Dashboard.Query;
import dev.playground.monitoring.faults.FaultCase.Sign;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusApi;
import dev.playground.monitoring.testkit.PrometheusProgram;
import dev.playground.monitoring.testkit.PrometheusServer;
import dev.playground.monitoring.testkit.RawHttp;
import dev.playground.monitoring.testkit.ServiceProcess;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Switches each {@link FaultCase} on, at the same time, and later off. Each has its own process and
 * scrape job, because the rules add up the instances of a job. A real Prometheus evaluates the
 * rules and the queries of the dashboard.
 */
class FaultsIT {
    private static final String JOB = "backend-monitoring";
    private static final Map<FaultCase, ServiceProcess> SERVICES = new EnumMap<>(FaultCase.class);

    /** Of the annotation, in seconds. */
    private static final int STEP = 10;

    private record Row(FaultCase fault, Sign sign) {}

    private static final List<Row> ROWS =
            Stream.of(FaultCase.values())
                    .flatMap(
                            fault ->
                                    Stream.of(Sign.values())
                                            .filter(fault::has)
                                            .map(sign -> new Row(fault, sign)))
                    .toList();

    @TempDir static Path folder;

    @AutoClose private static PrometheusServer server;
    private static PrometheusApi prometheus;

    @AutoClose("shutdownNow")
    private static final ScheduledExecutorService LOAD = Executors.newScheduledThreadPool(2);

    private static Future<?> collections;

    /** Seconds until a row was seen, and until it was gone. */
    private static Map<Row, Long> shown;

    private static Map<Row, Long> gone;

    /** The milliseconds since 1970 at which each fault was switched on, and off. */
    private static final Map<FaultCase, Long> ON = new EnumMap<>(FaultCase.class);

    private static final Map<FaultCase, Long> OFF = new EnumMap<>(FaultCase.class);

    private static final Map<FaultCase, List<String>> ALERTS = new EnumMap<>(FaultCase.class);

    @BeforeAll
    static void switchEachFaultOnAndOff() throws Exception {
        PrometheusProgram.prometheus();
        start();
        await().atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .until(
                        () ->
                                prometheus.query("fault_active == 0").size() == 36
                                        && ROWS.stream().noneMatch(FaultsIT::isSeen));

        for (FaultCase fault : FaultCase.values()) {
            ON.put(fault, System.currentTimeMillis());
            put(fault);
        }
        shown = observe(true, ON);
        for (FaultCase fault : FaultCase.values()) {
            ALERTS.put(fault, firing(fault));
        }
        collections.cancel(false);
        for (FaultCase fault : FaultCase.values()) {
            OFF.put(fault, System.currentTimeMillis());
            send(fault, "DELETE /faults HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        gone = observe(false, OFF);
    }

    private static void start() throws IOException {
        Map<String, String> environment =
                Map.of(
                        "PORT", "0",
                        "FAULTS_ENABLED", "true",
                        "HEAVY_LATENCIES_MS", "10",
                        "HEAVY_ERROR_RATE", "0.1");
        for (FaultCase fault : FaultCase.values()) {
            SERVICES.put(
                    fault,
                    new ServiceProcess(
                            environment,
                            "-Xmx128m", // the heap of the image
                            "-XX:+UseG1GC",
                            "-jar",
                            "target/backend-monitoring.jar"));
        }
        String scrape = Project.composeConfig("scrape");
        int job = scrape.indexOf("  - job_name: " + JOB);
        String config = scrape.substring(job, scrape.indexOf("  - job_name", job + 1));
        StringBuilder configs = new StringBuilder();
        SERVICES.forEach(
                (fault, service) ->
                        configs.append(
                                config.replace("job_name: " + JOB, "job_name: " + fault.label())
                                        .replace("backend:3000", "localhost:" + service.port())));
        server = PrometheusServer.start(folder, Map.of(config, configs.toString()));
        prometheus = server.api();
        LOAD.scheduleAtFixedRate(
                () -> SERVICES.values().forEach(FaultsIT::call), 0, 200, TimeUnit.MILLISECONDS);
        // Used heap includes garbage, also before the fault.
        collections =
                LOAD.scheduleWithFixedDelay(
                        () -> SERVICES.get(FaultCase.MEMORY).jcmd("GC.run"),
                        0,
                        3,
                        TimeUnit.SECONDS);
    }

    private static void call(ServiceProcess service) {
        Http.getAsync(service.uri("/heavy-computation"));
        Http.getAsync(service.uri("/health/readiness"));
    }

    @AfterAll
    static void stop() {
        SERVICES.values().forEach(ServiceProcess::close);
    }

    static List<Row> rows() {
        return ROWS;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void showsWithinItsTime(Row row) {
        assertThat(shown.get(row)).isNotNull().isLessThanOrEqualTo(row.sign.seconds);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isGoneWithinItsTime(Row row) {
        assertThat(gone.get(row)).isNotNull().isLessThanOrEqualTo(row.sign.seconds);
    }

    @ParameterizedTest
    @EnumSource
    void firesNoAlertButItsOwn(FaultCase fault) {
        assertThat(ALERTS.get(fault))
                .isEqualTo(fault.alert == null ? List.of() : List.of(fault.alert));
    }

    @ParameterizedTest
    @EnumSource
    void annotationCoversTheTimeOfTheFault(FaultCase fault) {
        String expr =
                Json.string(Dashboard.annotation("Faults"), "expr")
                        .replace("$__interval", STEP + "s")
                        .replace(JOB, fault.label());
        JsonNode band =
                prometheus.get(
                        "query_range?query=%s&start=%d&end=%d&step=%d"
                                .formatted(
                                        PrometheusApi.encode(expr),
                                        (ON.get(fault) / 1000 - 60) / STEP * STEP,
                                        OFF.get(fault) / 1000 + 60,
                                        STEP));

        List<JsonNode> series = Json.list(band, "result");
        assertThat(series)
                .extracting(one -> Json.string(one, "metric", "fault"))
                .containsExactly(fault.label());
        long[] times =
                Json.list(series.get(0), "values").stream()
                        .mapToLong(value -> value.get(0).getLongValue())
                        .toArray();
        long last = times[times.length - 1];
        assertThat(times[0]).isCloseTo(ON.get(fault) / 1000, within((long) STEP));
        assertThat(last).isCloseTo(OFF.get(fault) / 1000, within((long) STEP));
        assertThat(times).hasSize((int) (last - times[0]) / STEP + 1);
    }

    @Test
    void logsTheEndWhenTheServiceStops() throws Exception {
        put(FaultCase.UNREADY);
        ServiceProcess service = SERVICES.get(FaultCase.UNREADY);
        service.terminate();
        service.exitCode();

        assertThat(service.output())
                .filteredOn(line -> line.contains("Fault ended"))
                .last()
                .asString()
                .contains("unready=true", "(stopped)");
    }

    private static void put(FaultCase fault) throws IOException {
        send(
                fault,
                "PUT /faults HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        + "Content-Length: %d\r\n\r\n".formatted(fault.document.length())
                        + fault.document);
    }

    private static void send(FaultCase fault, String request) throws IOException {
        assertThat(RawHttp.exchange(SERVICES.get(fault).port(), request).status()).isEqualTo(200);
    }

    /** The seconds until each row is seen, or gone; without those that are late. */
    private static Map<Row, Long> observe(boolean expected, Map<FaultCase, Long> changed) {
        Map<Row, Long> seconds = new HashMap<>();
        try {
            await().atMost(Duration.ofSeconds(Sign.ALERT.seconds))
                    .pollInterval(Duration.ofMillis(500))
                    .until(
                            () -> {
                                for (Row row : ROWS) {
                                    if (!seconds.containsKey(row) && isSeen(row) == expected) {
                                        long elapsed =
                                                System.currentTimeMillis() - changed.get(row.fault);
                                        seconds.put(row, elapsed / 1000);
                                    }
                                }
                                return seconds.size() == ROWS.size();
                            });
        } catch (ConditionTimeoutException e) {
            // The tests of the missing rows fail.
        }
        return seconds;
    }

    private static boolean isSeen(Row row) {
        FaultCase fault = row.fault;
        return switch (row.sign) {
            case METRIC ->
                    !prometheus
                            .query(
                                    "fault_active{job='%s', fault='%<s'} == 1"
                                            .formatted(fault.label()))
                            .isEmpty();
            case LINE -> hasLine(fault, fault.line) && !hasLine(fault, "Fault ended: ");
            case PANEL -> isInPanel(fault, fault.dashboardPanel().queries().get(0));
            case ALERT -> firing(fault).contains(fault.alert);
        };
    }

    private static boolean hasLine(FaultCase fault, String start) {
        return SERVICES.get(fault).output().stream().anyMatch(line -> line.contains("- " + start));
    }

    private static boolean isInPanel(FaultCase fault, Query query) {
        String expr = query.substituted(".*", ".*").replace(JOB, fault.label());
        if (query.datasource().equals("loki")) {
            return isMatched(expr, fault);
        }
        return prometheus.query(expr).stream()
                .anyMatch(series -> PrometheusApi.value(series) > fault.threshold);
    }

    /**
     * There is no Loki here: the pattern of the query must match a line of the last 20 seconds.
     * MonitoringE2E has a real Loki.
     */
    private static boolean isMatched(String expr, FaultCase fault) {
        Matcher pattern = Pattern.compile("pattern \"(.*)<cause>\"").matcher(expr);
        List<String> lines = SERVICES.get(fault).output();
        return pattern.find()
                && fault.line.startsWith(pattern.group(1))
                && lines.stream()
                        .skip(Math.max(0, lines.size() - 110))
                        .anyMatch(line -> line.contains(fault.line));
    }

    /** Of a ratio above 0.5, a burn rate is high, too. */
    private static List<String> firing(FaultCase fault) {
        String alerts = "ALERTS{alertstate='firing', alertname!~'ErrorBudget.*', job='%s'}";
        return prometheus.query(alerts.formatted(fault.label())).stream()
                .map(alert -> Json.string(alert, "metric", "alertname"))
                .toList();
    }
}
