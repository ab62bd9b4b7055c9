package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.FakeLoki.Failure;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.LogEntry;
import dev.playground.monitoring.testkit.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged service in its own process, on SIGTERM and SIGSEGV, and a Loki that may fail. */
@Execution(ExecutionMode.CONCURRENT)
class ShippingIT {
    private static final String JAR = "target/backend-monitoring.jar";
    private static final String REQUEST = "Request received on / route";
    private static final String OUTAGE = "does not accept log lines";
    private static final String RECOVERY = "accepts log lines again";
    private static final int REQUESTS = 20;

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** SHUTDOWN_DRAIN_MS and SHUTDOWN_PUSH_MS as {@link #start} sets them. */
    private static final Duration BOUND = SECOND.plus(SECOND);

    /** The default of SHUTDOWN_PUSH_MS. */
    private static final Duration DEFAULT_PUSH = Duration.ofSeconds(3);

    /** BOUND with the defaults. */
    private static final Duration DEFAULT_BOUND = Duration.ofSeconds(5).plus(DEFAULT_PUSH);

    /** A response time below the request timeout of the appender. */
    private static final Duration SLOW = Duration.ofSeconds(4);

    /** Tolerance for a busy machine. */
    private static final Duration MARGIN = Duration.ofSeconds(6);

    @AutoClose private FakeLoki loki;

    @BeforeEach
    void startLoki() throws Exception {
        loki = new FakeLoki();
    }

    static Set<Failure> failures() {
        return EnumSet.of(
                Failure.CONNECTION_REFUSED,
                Failure.BLACK_HOLE,
                Failure.NO_RESPONSE,
                Failure.CONNECTION_RESET,
                Failure.SERVICE_UNAVAILABLE);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void stopsInTimeDuringFailureAtStart(Failure failure) throws Exception {
        loki.fail(failure);
        try (ServiceProcess service = start(SECOND)) {
            assertStopsInTimeDuringOutage(service, REQUESTS);
        }
    }

    @ParameterizedTest
    @MethodSource("failures")
    void stopsInTimeDuringFailureInTheMiddle(Failure failure) throws Exception {
        loki.accept();
        try (ServiceProcess service = start(SECOND)) {
            request(service);
            waiting().until(() -> !loki.entries().isEmpty());
            loki.fail(failure);
            assertStopsInTimeDuringOutage(service, 2 * REQUESTS);
        }
    }

    private static void assertStopsInTimeDuringOutage(ServiceProcess service, int requests)
            throws Exception {
        request(service);
        waiting().until(() -> count(service, OUTAGE) == 1);

        assertThat(stop(service)).isLessThan(BOUND.plus(MARGIN));

        assertThat(count(service, REQUEST)).isEqualTo(requests);
        assertThat(count(service, "\"line\":\"Stopped\"")).isEqualTo(1);
        assertThat(count(service, OUTAGE)).isEqualTo(1);
        assertThat(service.errors()).isEmpty();
    }

    @Test
    void stopsInTimeWithMoreBufferedThanSlowLokiAccepts() throws Exception {
        loki.acceptAfter(SLOW);
        try (ServiceProcess service = start(SECOND)) {
            // Batches for 16 s.
            for (int i = 1; i <= 4; i++) {
                int batches = i;
                request(service);
                waiting().until(() -> batches(service) >= batches);
            }

            assertThat(stop(service)).isLessThan(BOUND.plus(MARGIN));

            assertThat(count(service, "\"line\":\"Stopped\"")).isEqualTo(1);
            assertThat(service.errors()).isEmpty();
        }
    }

    @Test
    void stopsInTimeWithRequestInFlightAndUnreachableLoki() throws Exception {
        loki.fail(Failure.BLACK_HOLE);
        Map<String, String> environment =
                Map.of(
                        "PORT", "0",
                        "LOKI_HOST", loki.url(),
                        "HEAVY_LATENCIES_MS", "50000",
                        "HEAVY_ERROR_RATE", "0");
        try (ServiceProcess service = new ServiceProcess(environment, "-jar", JAR)) {
            Http.getAsync(service.uri("/heavy-computation"));
            waiting().until(() -> count(service, "Request received on /heavy") == 1);

            assertThat(stop(service)).isLessThan(DEFAULT_BOUND.plus(MARGIN));

            assertThat(count(service, "Timeout hit in graceful shutdown")).isEqualTo(1);
            assertThat(count(service, "Stopped")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 200})
    void sendsBufferedLinesOnStop(int responseMillis) throws Exception {
        loki.acceptAfter(Duration.ofMillis(responseMillis));
        // The stop ends as soon as all is sent.
        try (ServiceProcess service = start(Duration.ofSeconds(30))) {
            request(service);

            stop(service);

            assertThat(count(service, REQUEST)).isEqualTo(REQUESTS);
            assertLokiHasAllOfStandardOutput(service);
            assertThat(service.errors()).isEmpty();
        }
    }

    @Test
    void waitsForPushAsLongAsConfigured() throws Exception {
        loki.accept();
        try (ServiceProcess service = start(Duration.ofSeconds(30))) {
            // Nothing else is buffered when the push starts that takes long.
            service.port();
            waiting().untilAsserted(() -> assertLokiHasAllOfStandardOutput(service));
            int before = loki.entries().size();
            loki.acceptAfter(SLOW);
            // One request: loki4j makes a batch each 100 ms, and each takes as long again.
            Http.get(service.uri("/"));
            waiting().until(() -> loki.entries().size() > before);

            assertThat(stop(service)).isGreaterThan(DEFAULT_PUSH);

            assertLokiHasAllOfStandardOutput(service);
        }
    }

    @Test
    void sendsEverythingToLokiThatStartsLater() throws Exception {
        try (ServiceProcess service = start(SECOND)) {
            request(service);
            waiting().until(() -> count(service, OUTAGE) == 1);

            loki.accept();

            waiting().until(() -> count(service, RECOVERY) == 1);
            request(service);
            waiting().untilAsserted(() -> assertLokiHasAllOfStandardOutput(service));
            assertThat(count(service, OUTAGE)).isEqualTo(1);
            assertThat(count(service, RECOVERY)).isEqualTo(1);
        }
    }

    /** With a writable error file. Without one the JVM prints its content, too. */
    @Test
    void shipsCrashReportAsOneEntry(@TempDir Path folder) throws Exception {
        try (ServiceProcess service =
                new ServiceProcess(
                        Map.of("LOG_FORMAT", "json", "PORT", "0"),
                        "-XX:ErrorFile=" + folder.resolve("crash.log"),
                        "-XX:-CreateCoredumpOnCrash",
                        "-jar",
                        JAR)) {
            service.port();

            service.crash();
            service.exitCode();

            List<String> report =
                    service.output().stream()
                            .dropWhile(line -> !line.equals("#"))
                            .takeWhile(line -> line.startsWith("#"))
                            .toList();
            assertThat(report).hasSizeGreaterThan(10);
            assertThat(ContainerLog.docker(service.output()))
                    .extracting(LogEntry::line)
                    .filteredOn(line -> line.startsWith("#"))
                    .containsExactly(String.join("\n", report));
            assertThat(service.output()).hasSizeLessThan(40);
        }
    }

    private ServiceProcess start(Duration push) throws IOException {
        Map<String, String> environment = new HashMap<>();
        environment.put("LOKI_HOST", loki.url());
        environment.put("LOG_FORMAT", "json");
        environment.put("PORT", "0");
        environment.put("POD_NAMESPACE", ServiceLogging.LABELS.get("namespace"));
        environment.put("POD_NAME", ServiceLogging.LABELS.get("instance"));
        environment.put("SHUTDOWN_DRAIN_MS", "1000");
        environment.put("SHUTDOWN_PUSH_MS", Long.toString(push.toMillis()));
        return new ServiceProcess(environment, "-jar", JAR);
    }

    private static void request(ServiceProcess service) {
        for (int i = 0; i < REQUESTS; i++) {
            Http.get(service.uri("/"));
        }
    }

    /** From the signal to the last line. */
    private static Duration stop(ServiceProcess service) throws InterruptedException {
        long started = System.nanoTime();
        service.terminate();
        assertThat(service.exitCode()).isEqualTo(143);
        return Duration.ofNanos(System.nanoTime() - started);
    }

    private void assertLokiHasAllOfStandardOutput(ServiceProcess service) {
        assertThat(loki.entries())
                .containsExactlyInAnyOrderElementsOf(ContainerLog.docker(service.output()));
    }

    /** How many batches the appender has made, sent or not. */
    private static double batches(ServiceProcess service) {
        return Http.get(service.uri("/metrics"))
                .body()
                .lines()
                .filter(line -> line.startsWith("loki4j_encode_batches_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static long count(ServiceProcess service, String text) {
        return service.output().stream().filter(line -> line.contains(text)).count();
    }

    private static ConditionFactory waiting() {
        return await().atMost(Duration.ofSeconds(30));
    }
}
